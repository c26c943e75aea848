import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadSecret } from "./secret.ts";

const folders: string[] = [];
async function setup() {
  const folder = await mkdtemp(join(tmpdir(), "culvert-secret-"));
  folders.push(folder);
  return join(folder, "data", "secret");
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe("loadSecret", () => {
  it("makes one that only the owner reads, once", async () => {
    const file = await setup();
    const both = await Promise.all([1, 2].map(() => loadSecret({ given: null, file })));
    expect(both[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(both[1]).toBe(both[0]);
    expect(await loadSecret({ given: null, file })).toBe((await readFile(file, "utf8")).trim());
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("closes a file that others could read", async () => {
    const file = await setup();
    await loadSecret({ given: null, file });
    await chmod(file, 0o644);
    await loadSecret({ given: null, file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("prefers the one given and refuses a damaged file", async () => {
    const file = await setup();
    expect(await loadSecret({ given: "given", file })).toBe("given");
    await loadSecret({ given: null, file });
    await writeFile(file, "short\n");
    await expect(loadSecret({ given: null, file })).rejects.toThrow();
  });
});
