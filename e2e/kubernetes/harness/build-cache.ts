import { createHash } from "node:crypto";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { setPriority } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../../scripts/cache-folder.ts";
import { runGo } from "./go.ts";

const SOURCE_FOLDER = join(import.meta.dirname, "..", "api-server");
const PROGRAM = "culvert-test-apiserver";
/** What the server calls itself; the module versions in go.mod say what it is. */
const KUBERNETES_MODULE = /^\s*k8s\.io\/kubernetes v(1)\.(\d+)\.(\d+)$/m;
const LOCK_POLL_MS = 250;
const BUILD_DEADLINE_MS = 40 * 60_000;
const UNUSED_FOR_MS = 30 * 24 * 60 * 60_000;
/** A cold build takes minutes of two cores: other suites go first. */
const NICE = 10;

/**
 * The API server's program, built when its sources, its modules or Go changed since the last time. One builder at a
 * time; whoever comes second waits for the first.
 */
export async function buildApiServer(go: string, say: (text: string) => void): Promise<string> {
  const parent = cacheFolder("test-apiserver");
  await mkdir(parent, { recursive: true });
  const program = join(parent, await sourceHash(go), PROGRAM);
  if (await isThere(program)) return program;
  const unlock = await takeLock(join(parent, "lock"), () => isThere(program), say);
  try {
    if (!(await isThere(program))) await build({ go, program, parent, say });
  } finally {
    await unlock();
  }
  return program;
}

async function sourceHash(go: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(await runGo(go, ["env", "GOVERSION", "GOOS", "GOARCH"], SOURCE_FOLDER));
  for (const name of (await readdir(SOURCE_FOLDER)).sort()) {
    hash.update(name).update(await readFile(join(SOURCE_FOLDER, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** True where the program was built; it then counts as used. */
async function isThere(program: string): Promise<boolean> {
  const now = new Date();
  return utimes(program, now, now).then(
    () => true,
    () => false,
  );
}

interface BuildOptions {
  readonly go: string;
  readonly program: string;
  readonly parent: string;
  readonly say: (text: string) => void;
}

async function build({ go, program, parent, say }: BuildOptions): Promise<void> {
  say(
    "Building the test API server (kube-apiserver and etcd): ten minutes the first time, seconds later.",
  );
  const startedAt = performance.now();
  const folder = join(program, "..");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const [, major, minor, patch] =
    KUBERNETES_MODULE.exec(await readFile(join(SOURCE_FOLDER, "go.mod"), "utf8")) ?? [];
  const version = "k8s.io/component-base/version";
  const names = `-X ${version}.gitVersion=v${major}.${minor}.${patch} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  const child = spawn(
    go,
    ["build", "-trimpath", "-ldflags", `-s -w ${names}`, "-o", `${program}.new`, "."],
    {
      cwd: SOURCE_FOLDER,
      env: { ...process.env, CGO_ENABLED: "0" },
      stdio: ["ignore", "ignore", "pipe"],
      timeout: BUILD_DEADLINE_MS,
    },
  );
  if (child.pid !== undefined) setPriority(child.pid, NICE);
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`The test API server could not be built (${program}):\n${log}`);
  await rename(`${program}.new`, program);
  await removeUnused(parent);
  say(`Built the test API server in ${Math.round((performance.now() - startedAt) / 1000)} s.`);
}

async function removeUnused(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const file = await stat(join(parent, name, PROGRAM)).catch(() => null);
    if (file === null || Date.now() - file.mtimeMs < UNUSED_FOR_MS) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Holds the file with our process id in it; a lock whose owner is gone is taken over. */
async function takeLock(
  file: string,
  isDone: () => Promise<boolean>,
  say: (text: string) => void,
): Promise<() => Promise<void>> {
  const endsAt = performance.now() + BUILD_DEADLINE_MS;
  let hasSaid = false;
  for (;;) {
    const handle = await open(file, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return null;
      throw error;
    });
    if (handle !== null) {
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    }
    if (await isDone()) return async () => {};
    if (await isAbandoned(file)) await rm(file, { force: true });
    else if (performance.now() > endsAt) throw new Error(`Another build holds ${file}.`);
    else {
      if (!hasSaid) say("Waiting for another process that builds the test API server.");
      hasSaid = true;
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const owner = Number(await readFile(file, "utf8").catch(() => ""));
  if (!Number.isInteger(owner) || owner <= 0) {
    // Just made and not yet written, unless it stays so.
    const made = await stat(file).catch(() => null);
    return made !== null && Date.now() - made.mtimeMs > 10_000;
  }
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
