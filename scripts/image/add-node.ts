import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const NODE = "usr/local/bin/node";
/** What `ldd` prints of a library that was found: `name => /path (address)`, or the loader's path alone. */
const LIBRARY = /(?:=> )?(\/\S+) \(0x/g;

const USER = "culvert:x:1000:1000::/:/nonexistent\n";

/** Node itself, the C libraries that it and native add-ons load, and the two users. No shell, no package manager. */
export async function addNode(tree: string, addOns: readonly string[]): Promise<void> {
  await put(tree, NODE, await realpath(process.execPath));
  const libraries = new Set<string>();
  for (const program of [process.execPath, ...addOns]) {
    const { stdout } = await run("ldd", [program]);
    for (const [, path = ""] of stdout.matchAll(LIBRARY)) libraries.add(path);
  }
  for (const path of libraries) await put(tree, path, await realpath(path));
  await mkdir(join(tree, "etc"), { recursive: true });
  await writeFile(join(tree, "etc/passwd"), `root:x:0:0::/:/nonexistent\n${USER}`);
  await writeFile(join(tree, "etc/group"), "root:x:0:\nculvert:x:1000:\n");
  await writeFile(join(tree, "etc/nsswitch.conf"), "hosts: files dns\n");
}

/** @returns the native add-ons below a folder. */
export async function findAddOns(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && entry.name.endsWith(".node"))
    .map(({ parentPath, name }) => join(parentPath, name));
}

async function put(tree: string, path: string, from: string): Promise<void> {
  const to = join(tree, path);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}
