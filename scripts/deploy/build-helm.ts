import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Pins Helm and everything it is made of. */
const MODULE = join(import.meta.dirname, "..", "..", "deploy", "helm", "tool");
const PACKAGE = "helm.sh/helm/v3/cmd/helm";
const HELM_VERSION = /^\s*helm\.sh\/helm\/v3 (v\S+)/m;
const KUBERNETES_VERSION = /^\s*k8s\.io\/client-go v0\.(\d+)\./m;
const BUILD_TIMEOUT_MS = 15 * 60_000;

/**
 * Helm, built from its Go module into a cache outside the checkout, once for each set of modules.
 *
 * @param go as `findGo` of the tests' harness finds it.
 * @returns the path of the program.
 */
export async function buildHelm(go: string): Promise<string> {
  const modules = await readFile(join(MODULE, "go.mod"), "utf8");
  const sums = await readFile(join(MODULE, "go.sum"));
  const { stdout: version } = await run(go, ["env", "GOVERSION"], { cwd: MODULE });
  const hash = createHash("sha256").update(modules).update(sums).update(version).digest("hex");
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "culvert", "helm");
  const program = join(folder, `helm-${hash.slice(0, 16)}`);
  if (await isThere(program)) return program;

  process.stderr.write("Building Helm from its Go module: a minute or two, once.\n");
  await mkdir(folder, { recursive: true });
  // Whoever builds at the same time does so beside us; each puts a whole program in its place.
  const unfinished = `${program}.${process.pid}`;
  await run(go, ["build", "-trimpath", "-ldflags", flags(modules), "-o", unfinished, PACKAGE], {
    cwd: MODULE,
    env: { ...process.env, CGO_ENABLED: "0" },
    timeout: BUILD_TIMEOUT_MS,
  });
  await rename(unfinished, program);
  return program;
}

/** What Helm's own build sets: its version, and the Kubernetes that `helm template` pretends to talk to. */
function flags(modules: string): string {
  const helm = HELM_VERSION.exec(modules)?.[1] ?? "";
  const minor = KUBERNETES_VERSION.exec(modules)?.[1] ?? "";
  return [
    "-s -w",
    `-X helm.sh/helm/v3/internal/version.version=${helm}`,
    "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
    `-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=${minor}`,
  ].join(" ");
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
