import type { ClusterCredentials } from "../discovery/kubernetes/cluster-access.ts";

export interface KubernetesConfig {
  readonly credentials: ClusterCredentials;
  /** Null for all of them. */
  readonly namespaces: readonly string[] | null;
  /** Whether nodes, pods and services are counted for the dashboard. */
  readonly hasClusterView: boolean;
}

/** Where Kubernetes puts the credentials of a pod. */
const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

export const NO_CLUSTER =
  "No cluster to look at: set KUBECONFIG or --kubeconfig, or run in a pod with a service account. On a plain host use --discovery file:<folder>, or --expose NAME=tcp://HOST:PORT.";

/** A kubeconfig where one is named, else what every pod has. Never guessed from the home folder. */
export function findKubernetes(
  values: {
    readonly kubeconfig: readonly string[] | null;
    readonly namespaces: readonly string[] | null;
    readonly clusterView: boolean;
  },
  env: Readonly<Record<string, string | undefined>>,
): KubernetesConfig | null {
  const { kubeconfig, namespaces, clusterView: hasClusterView } = values;
  const rest = { namespaces, hasClusterView };
  if (kubeconfig !== null) {
    return { credentials: { kind: "kubeconfig", files: kubeconfig }, ...rest };
  }
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = Number(env["KUBERNETES_SERVICE_PORT"] ?? "443");
  if (host === "" || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  const folder = SERVICE_ACCOUNT_FOLDER;
  return { credentials: { kind: "service_account", host, port, folder }, ...rest };
}
