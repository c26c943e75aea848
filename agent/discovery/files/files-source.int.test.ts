import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { DiscoverySnapshot } from "../discovery.ts";
import { MANAGED_LABELS } from "../rules/label-selector.ts";
import { FilesSource } from "./files-source.ts";
import { ManifestFolder } from "./manifest-folder.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const gateway = (name: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: shop, labels: { culvert.dev/managed: "true" } }
spec: { listeners: [{ name: db, protocol: TCP, port: 5432 }] }
`;

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-test-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(folder: string, rescanIntervalMs = 60_000) {
  let latest: DiscoverySnapshot | null = null;
  let wake: () => void = () => undefined;
  const source = new FilesSource({
    folder,
    rescanIntervalMs,
    onError: (error) => {
      throw error;
    },
    rules: {
      managedLabels: MANAGED_LABELS,
      protocols: new Set(["tcp"]),
      defaultIdleTimeoutMs: null,
      isLenient: true,
    },
  });
  cleanups.push(() => source.close());
  await source.start((snapshot) => {
    latest = snapshot;
    wake();
  });
  const names = (): string[] => latest?.gateways.map(({ name }) => name) ?? [];
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { source, names, until, problems: () => latest?.problems ?? [] };
}

describe("FilesSource", () => {
  it("has looked once when it has started", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    await writeFile(join(folder, "b.yml"), gateway("b"));
    await writeFile(join(folder, "c.json"), JSON.stringify({ kind: "List", items: [] }));
    await writeFile(join(folder, "notes.txt"), "no manifest");
    await writeFile(join(folder, ".hidden.yaml"), gateway("hidden"));
    await mkdir(join(folder, "folder.yaml"));
    const { names } = await start(folder);
    expect(names()).toEqual(["a", "b"]);
  });

  it("follows files that are added, changed, replaced and removed", async () => {
    const folder = await makeFolder();
    const { names, until } = await start(folder);
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    await until(() => names().join() === "a");
    await writeFile(join(folder, "a.yaml"), `${gateway("a")}---\n${gateway("b")}`);
    await until(() => names().join() === "a,b");
    await writeFile(join(folder, "draft"), gateway("c"));
    await rename(join(folder, "draft"), join(folder, "a.yaml"));
    await until(() => names().join() === "c");
    await rm(join(folder, "a.yaml"));
    await until(() => names().length === 0);
  });

  it("keeps what a file said before it broke, and says where and why", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    const { names, until, problems } = await start(folder);
    await writeFile(join(folder, "a.yaml"), `${gateway("a")}---\nkind: [\n`);
    await until(() => problems().some(({ where }) => where === "a.yaml:7"));
    expect(names()).toEqual(["a"]);
    await writeFile(join(folder, "a.yaml"), gateway("mended"));
    await until(() => names().join() === "mended");
    expect(problems().filter(({ where }) => where.startsWith("a.yaml"))).toEqual([]);
  });

  it("publishes the good files beside a bad one that was never good", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "bad.yaml"), "kind: Gateway\n");
    await writeFile(join(folder, "good.yaml"), gateway("good"));
    const { names, problems } = await start(folder);
    expect(names()).toEqual(["good"]);
    expect(problems()).toMatchObject([{ where: "bad.yaml:1" }]);
  });

  it("says when two files name the same object, and takes the first", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "a.yaml"), gateway("same"));
    await writeFile(join(folder, "b.yaml"), `# later\n${gateway("same")}`);
    const { names, problems } = await start(folder);
    expect(names()).toEqual(["same"]);
    expect(problems()).toMatchObject([{ where: "b.yaml:2" }]);
  });

  it("waits for a folder that does not exist yet", async () => {
    const folder = join(await makeFolder(), "later");
    const { names, until, problems } = await start(folder, 30);
    expect(problems()).toMatchObject([{ where: folder }]);
    await mkdir(folder);
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    await until(() => names().join() === "a");
    expect(problems()).toEqual([]);
  });

  it("keeps everything while the folder is away", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    const { names, until, problems } = await start(folder, 30);
    await rename(folder, `${folder}-away`);
    await until(() => problems().some(({ where }) => where === folder));
    expect(names()).toEqual(["a"]);
    await rename(`${folder}-away`, folder);
    await until(() => problems().length === 0);
    expect(names()).toEqual(["a"]);
  });

  it("follows links, as a mounted ConfigMap has them", async () => {
    const folder = await makeFolder();
    const behind = await makeFolder();
    await writeFile(join(behind, "one"), gateway("one"));
    await writeFile(join(behind, "two"), gateway("two"));
    await symlink(join(behind, "one"), join(folder, "..data"));
    await symlink("..data", join(folder, "a.yaml"));
    const { names, until } = await start(folder, 30);
    expect(names()).toEqual(["one"]);
    await symlink(join(behind, "two"), join(folder, "..data.new"));
    await rename(join(folder, "..data.new"), join(folder, "..data"));
    await until(() => names().join() === "two");
  });

  it("says nothing more once it is closed", async () => {
    const folder = await makeFolder();
    const { source, names } = await start(folder, 10);
    await source.close();
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    // Another source has seen the change, so this one had its chance.
    const other = await start(folder, 10);
    await other.until(() => other.names().join() === "a");
    expect(names()).toEqual([]);
  });
});

describe("ManifestFolder", () => {
  it("believes that a file is empty only at the second look", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    const manifests = new ManifestFolder(folder);
    expect((await manifests.scan())?.objects).toHaveLength(1);
    await writeFile(join(folder, "a.yaml"), "");
    expect(await manifests.scan()).toMatchObject({
      isUnsettled: true,
      objects: [{ kind: "Gateway" }],
    });
    expect(await manifests.scan()).toMatchObject({ isUnsettled: false, objects: [] });
  });

  it("reads nothing again that has not changed", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "a.yaml"), gateway("a"));
    const manifests = new ManifestFolder(folder);
    expect(await manifests.scan()).not.toBeNull();
    expect(await manifests.scan()).toBeNull();
  });
});
