import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { buildHelm } from "../../../scripts/deploy/build-helm.ts";
import type { ClusterClient, KubernetesObject } from "./cluster-client.ts";
import { findGo } from "./go.ts";

export const CHART = "deploy/helm/culvert-agent";
/** In every namespace alike: what the agent's chart is installed as. */
const RELEASE = "culvert-agent";

export type ChartValues = Readonly<Record<string, unknown>>;

/** The least that the chart can be installed with. */
export const LEAST: ChartValues = {
  server: { url: "https://culvert.example.com" },
  token: { existingSecret: "culvert-agent" },
};

/** What `helm …` prints. */
export async function runHelm(...args: readonly string[]): Promise<string> {
  const go = findGo();
  if (go === null) throw new Error("there is no `go` to build Helm with");
  const { stdout } = await promisify(execFile)(await buildHelm(go), args);
  return stdout;
}

/** Every object that the chart makes of these values. */
export async function renderChart(
  namespace: string,
  values: ChartValues,
  chart = CHART,
): Promise<readonly KubernetesObject[]> {
  const folder = mkdtempSync(join(tmpdir(), "culvert-values-"));
  try {
    const file = join(folder, "values.json");
    writeFileSync(file, JSON.stringify(values));
    const namespaced = ["--namespace", namespace, "--values", file];
    return readObjects(await runHelm("template", RELEASE, chart, ...namespaced));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function readObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** Asks the server to take an object without storing it; it refuses unknown fields. */
export async function dryRun(client: ClusterClient, object: KubernetesObject): Promise<void> {
  const query = "dryRun=All&fieldValidation=Strict&fieldManager=culvert-tests&force=true";
  const path = `${await client.pathOf(object)}?${query}`;
  await client.request("PATCH", path, object, "application/apply-patch+yaml");
}
