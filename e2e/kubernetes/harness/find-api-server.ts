import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildApiServer } from "./build-cache.ts";
import { findGo } from "./go.ts";

/** Where the tests get their API server from. */
export type ApiServerSource =
  /** Our own program, with etcd inside. */
  | { readonly kind: "built"; readonly program: string }
  /** `kube-apiserver` and `etcd` in one folder. */
  | { readonly kind: "assets"; readonly folder: string }
  /** A cluster that is there already, and may be filled and emptied. */
  | { readonly kind: "existing"; readonly kubeconfig: string }
  | { readonly kind: "none"; readonly why: string };

const CONSENT = "CULVERT_TEST_KUBECONFIG_IS_THROWAWAY";

/**
 * Finds an API server, and builds one where Go is there to build it with.
 *
 * An existing cluster needs the consent in words: these tests install and delete CRDs and namespaces in it.
 */
export async function findApiServer(): Promise<ApiServerSource> {
  const { KUBECONFIG = "", KUBEBUILDER_ASSETS = "" } = process.env;
  const go = findGo();
  if (go === null) {
    return {
      kind: "none",
      why: "there is no `go` to build an API server and to fetch the CRDs of Gateway API with",
    };
  }
  if (KUBECONFIG !== "" && process.env[CONSENT] === "1") {
    if (existsSync(KUBECONFIG)) return { kind: "existing", kubeconfig: KUBECONFIG };
    return { kind: "none", why: `KUBECONFIG names ${KUBECONFIG}, which is not there` };
  }
  if (KUBEBUILDER_ASSETS !== "") {
    const missing = ["kube-apiserver", "etcd"].find(
      (name) => !existsSync(join(KUBEBUILDER_ASSETS, name)),
    );
    if (missing === undefined) return { kind: "assets", folder: KUBEBUILDER_ASSETS };
    return { kind: "none", why: `KUBEBUILDER_ASSETS holds no ${missing}` };
  }
  const say = (text: string) => process.stderr.write(`${text}\n`);
  return { kind: "built", program: await buildApiServer(go, say) };
}
