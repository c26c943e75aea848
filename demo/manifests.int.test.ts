import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseManifest } from "#agent/discovery/files/parse-manifest.ts";
import { buildSnapshot } from "#agent/discovery/rules/build-snapshot.ts";
import { MANAGED_LABELS } from "#agent/discovery/rules/label-selector.ts";
import { writeManifests } from "./manifests.ts";

it("writes manifests that the agent publishes without a complaint", async () => {
  const folder = await mkdtemp(join(tmpdir(), "culvert-test-"));
  try {
    await writeManifests(folder, { postgres: 1001, echo: 1002, web: 1003 });
    await writeManifests(folder, { postgres: 2001, echo: 2002, web: 2003 });
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(["shop.yaml", "tools.yaml"]);
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const parsed = texts.map((text) => parseManifest(text));
    const snapshot = buildSnapshot(
      parsed.flatMap((file) => (file.ok ? file.objects.map(({ object }) => object) : [])),
      {
        managedLabels: MANAGED_LABELS,
        protocols: new Set(["tcp", "http"]),
        defaultIdleTimeoutMs: null,
        // The rules of a cluster, without a folder's leniency.
        isLenient: false,
      },
    );
    expect(snapshot.problems).toEqual([]);
    const listeners = snapshot.gateways.flatMap((gateway) => gateway.listeners);
    expect(listeners.map(({ name, port, problem }) => [name, port, problem])).toEqual([
      ["postgres", 5432, null],
      ["site", 80, null],
      ["echo", 7, null],
    ]);
    const ports = [...snapshot.targets.values()].flat().flatMap(({ addresses }) => addresses);
    expect(ports).toEqual([2001, 2003, 2002].map((port) => ({ host: "127.0.0.1", port })));
  } finally {
    await rm(folder, { recursive: true });
  }
});
