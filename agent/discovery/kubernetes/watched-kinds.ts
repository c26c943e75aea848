export const GATEWAY_GROUP = "gateway.networking.k8s.io";

export interface WatchedKind {
  readonly kind: string;
  readonly group: string;
  readonly resource: string;
  readonly isNamespaced: boolean;
  /** Objects of one page. EndpointSlices hold up to a hundred endpoints each. */
  readonly pageLimit: number;
}

const kind = (name: string, resource: string, over: Partial<WatchedKind> = {}): WatchedKind => ({
  kind: name,
  group: GATEWAY_GROUP,
  resource,
  isNamespaced: true,
  pageLimit: 500,
  ...over,
});

/** Everything of the API server that discovery mirrors, with the permissions `list` and `watch`. */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  kind("Gateway", "gateways"),
  kind("HTTPRoute", "httproutes"),
  kind("GRPCRoute", "grpcroutes"),
  kind("TLSRoute", "tlsroutes"),
  kind("TCPRoute", "tcproutes"),
  kind("UDPRoute", "udproutes"),
  kind("ReferenceGrant", "referencegrants"),
  kind("GatewayClass", "gatewayclasses", { isNamespaced: false }),
  kind("Namespace", "namespaces", { group: "", isNamespaced: false }),
  kind("Service", "services", { group: "" }),
  kind("EndpointSlice", "endpointslices", { group: "discovery.k8s.io", pageLimit: 200 }),
];

/** Versions of the Gateway API that this agent can read, the best first. */
export const KNOWN_VERSIONS = ["v1", "v1beta1", "v1alpha3", "v1alpha2"] as const;

/** Kinds of the Gateway API whose versions the dashboard shows. */
export const SHOWN_KINDS: readonly WatchedKind[] = WATCHED_KINDS.filter(
  (item) => item.group === GATEWAY_GROUP && item.kind !== "GatewayClass",
);
