import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { eventually } from "../../harness/process.ts";
import { ClusterError, type ClusterClient, type KubernetesObject } from "./cluster-client.ts";
import { findGo, runGo } from "./go.ts";

/** The releases that are tested, with the checksums of their Go modules. */
const SUMS = {
  "1.6.3": "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=",
  "1.5.1": "h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=",
  "1.4.1": "h1:NPxFutNkKNa8UfLd2CMlEuhIPMQgDQ6DXNKG9sHbJU8=",
} as const;

export interface Bundle {
  readonly version: keyof typeof SUMS;
  readonly channel: "standard" | "experimental";
}

export const NEWEST: Bundle = { version: "1.6.3", channel: "experimental" };

/** The bundle's objects: CRDs first, then the policy that guards upgrades. */
export async function readBundle({
  version,
  channel,
}: Bundle): Promise<readonly KubernetesObject[]> {
  const go = findGo();
  if (go === null) throw new Error("there is no `go` to fetch the CRDs with");
  const answer = await runGo(
    go,
    ["mod", "download", "-json", `sigs.k8s.io/gateway-api@v${version}`],
    tmpdir(),
  );
  const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
  if (Sum !== SUMS[version]) throw new Error(`gateway-api v${version} has the checksum ${Sum}`);
  const folder = join(Dir, "config", "crd", channel);
  const objects: KubernetesObject[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith(".yaml") || name === "kustomization.yaml") continue;
    for (const document of parseAllDocuments(await readFile(join(folder, name), "utf8"))) {
      const object = document.toJS() as KubernetesObject | null;
      if (object !== null) objects.push(object);
    }
  }
  return objects.sort((a, b) => Number(isPolicy(a)) - Number(isPolicy(b)));
}

const isPolicy = ({ kind }: KubernetesObject): boolean => kind !== "CustomResourceDefinition";

/** Installs or upgrades to a bundle, and waits until the server serves its kinds. */
export async function installBundle(client: ClusterClient, bundle: Bundle): Promise<void> {
  const objects = await readBundle(bundle);
  await client.apply(...objects);
  for (const object of objects) if (!isPolicy(object)) await untilServed(client, object);
}

interface CustomResource {
  readonly group: string;
  readonly names: { readonly plural: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** Established is not enough: the handler may still answer 404 for a moment. */
async function untilServed(client: ClusterClient, crd: KubernetesObject): Promise<void> {
  const { group, names, versions } = crd["spec"] as CustomResource;
  for (const { name, served } of versions) {
    if (!served) continue;
    await eventually(`${names.plural} ${name} is served`, async () => {
      try {
        await client.request("GET", `/apis/${group}/${name}/${names.plural}?limit=1`);
        return true;
      } catch (error) {
        if (error instanceof ClusterError && [404, 429, 503].includes(error.status))
          return undefined;
        throw error;
      }
    });
  }
}
