import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildGoProgram } from "../build-go-program.ts";

/** Pins Helm and everything it is made of. */
const MODULE = join(import.meta.dirname, "..", "..", "deploy", "helm", "tool");
const PACKAGE = "helm.sh/helm/v3/cmd/helm";
const HELM_VERSION = /^\s*helm\.sh\/helm\/v3 (v\S+)/m;
const KUBERNETES_VERSION = /^\s*k8s\.io\/client-go v0\.(\d+)\./m;

/** Helm, built from its Go module. @returns the path of the program. */
export async function buildHelm(go: string): Promise<string> {
  const modules = await readFile(join(MODULE, "go.mod"), "utf8");
  const ldflags = flags(modules);
  return buildGoProgram(go, { name: "helm", folder: MODULE, package: PACKAGE, ldflags });
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
