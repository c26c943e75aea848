/** What the agent does in a cluster that an operator may switch off, or on. Discovery is always there. */
export type PermissionFeature = "discovery" | "cluster-view" | "annotations" | "status" | "events";

export interface Permission {
  readonly feature: PermissionFeature;
  /** API group; empty for the core. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly ("get" | "list" | "watch" | "create" | "patch")[];
  /** `cluster` where the resource belongs to no namespace. */
  readonly scope: "namespaced" | "cluster";
  /** Names of the only objects meant; without it, all. */
  readonly names?: readonly string[];
  /** Meant by name where the agent looks at some namespaces only. */
  readonly isNamespace?: true;
  /** One plain sentence for the person who grants it. */
  readonly why: string;
}

const GATEWAY_API = "gateway.networking.k8s.io";

/**
 * Every call that the agent makes to the Kubernetes API, once. The roles of the chart and of the manifests, and the
 * table in docs/kubernetes.md, are generated from it; a test compares it to what a real API server saw.
 *
 * Which versions are served is asked for at `/version`, `/readyz` and `/apis`, which Kubernetes allows everybody who signs in.
 */
export const PERMISSIONS: readonly Permission[] = [
  {
    feature: "discovery",
    group: GATEWAY_API,
    resources: [
      "gateways",
      "grpcroutes",
      "httproutes",
      "referencegrants",
      "tcproutes",
      "tlsroutes",
      "udproutes",
    ],
    verbs: ["list", "watch"],
    scope: "namespaced",
    why: "What is to be published.",
  },
  {
    feature: "discovery",
    group: "",
    resources: ["services"],
    verbs: ["list", "watch"],
    scope: "namespaced",
    why: "Ports of backends, and whether the cluster has a public address.",
  },
  {
    feature: "discovery",
    group: "discovery.k8s.io",
    resources: ["endpointslices"],
    verbs: ["list", "watch"],
    scope: "namespaced",
    why: "Where backends are ready.",
  },
  {
    feature: "discovery",
    group: GATEWAY_API,
    resources: ["gatewayclasses"],
    verbs: ["list", "watch"],
    scope: "cluster",
    why: "Which Gateways have addresses that lead back to Culvert: those are never dialled.",
  },
  {
    feature: "discovery",
    group: "",
    resources: ["namespaces"],
    verbs: ["list", "watch"],
    scope: "cluster",
    isNamespace: true,
    why: "Labels, for listeners that select the namespaces of their routes.",
  },
  {
    feature: "discovery",
    group: "apiextensions.k8s.io",
    resources: ["customresourcedefinitions"],
    verbs: ["get"],
    scope: "cluster",
    names: [`gateways.${GATEWAY_API}`],
    why: "Which release and channel of the Gateway API is installed.",
  },
  {
    feature: "cluster-view",
    group: "",
    resources: ["pods"],
    verbs: ["list"],
    scope: "namespaced",
    why: "Pods by phase. They are counted as they are read, and not kept.",
  },
  {
    feature: "cluster-view",
    group: "",
    resources: ["nodes"],
    verbs: ["list"],
    scope: "cluster",
    why: "Nodes, their versions and their capacity.",
  },
  {
    feature: "annotations",
    group: GATEWAY_API,
    resources: ["gateways"],
    verbs: ["patch"],
    scope: "namespaced",
    why: "Writes where a Gateway is published into its annotations.",
  },
  {
    feature: "status",
    group: GATEWAY_API,
    resources: ["gateways/status"],
    verbs: ["patch"],
    scope: "namespaced",
    why: "Writes addresses and conditions of Gateways of Culvert's own classes.",
  },
  {
    feature: "status",
    group: GATEWAY_API,
    resources: ["gatewayclasses/status"],
    verbs: ["patch"],
    scope: "cluster",
    why: "Accepts Culvert's own classes.",
  },
  {
    feature: "events",
    group: "events.k8s.io",
    resources: ["events"],
    verbs: ["create"],
    scope: "namespaced",
    why: "Says at the object why a route or a listener was refused.",
  },
];
