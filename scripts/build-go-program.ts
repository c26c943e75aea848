import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "./cache-folder.ts";

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 15 * 60_000;

export interface GoProgram {
  /** What it is called in the cache. */
  readonly name: string;
  /** Holds its `go.mod` and `go.sum`, which pin everything it is made of, and perhaps its sources. No folder in it. */
  readonly folder: string;
  /** `.`, or a package of another module that `go.mod` names. */
  readonly package: string;
  readonly ldflags?: string;
}

/**
 * Builds a Go program into a cache outside the checkout, once for each state of its folder and version of Go.
 *
 * @param go as `findGo` of the tests' harness finds it.
 * @returns the path of the program.
 */
export async function buildGoProgram(go: string, program: GoProgram): Promise<string> {
  const { name, folder, package: path, ldflags = "-s -w" } = program;
  const cache = cacheFolder(name);
  const file = join(cache, `${name}-${await hashOf(go, program)}`);
  if (await isThere(file)) return file;

  process.stderr.write(`Building ${name} from its Go module: a minute or two, once.\n`);
  await mkdir(cache, { recursive: true });
  // Whoever builds at the same time does so beside us; each puts a whole program in its place.
  const unfinished = `${file}.${process.pid}`;
  await run(go, ["build", "-trimpath", "-ldflags", ldflags, "-o", unfinished, path], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0" },
    timeout: BUILD_TIMEOUT_MS,
  });
  await rename(unfinished, file);
  return file;
}

async function hashOf(go: string, { folder }: GoProgram): Promise<string> {
  const hash = createHash("sha256");
  const { stdout: version } = await run(go, ["env", "GOVERSION"], { cwd: folder });
  hash.update(version);
  for (const name of (await readdir(folder)).sort()) {
    hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
