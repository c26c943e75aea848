import type { KubernetesObject } from "./cluster-client.ts";

/** Objects as an operator would write them, with everything but the interesting part filled in. */

const GATEWAY_API = "gateway.networking.k8s.io";

export interface ListenerSpec {
  readonly name: string;
  readonly port: number;
  /** TCP by default. */
  readonly protocol?: string;
  readonly [field: string]: unknown;
}

export interface GatewaySpec {
  readonly listeners: readonly ListenerSpec[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export function gateway(
  namespace: string,
  name: string,
  { listeners, annotations = {} }: GatewaySpec,
): KubernetesObject {
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "Gateway",
    metadata: { namespace, name, annotations, labels: { "culvert.dev/managed": "true" } },
    spec: {
      gatewayClassName: "test",
      listeners: listeners.map((listener) => ({ protocol: "TCP", ...listener })),
    },
  };
}

export interface BackendRef {
  readonly name: string;
  readonly port: number;
  readonly weight?: number;
  readonly [field: string]: unknown;
}

export interface RouteSpec {
  /** Names of Gateways, or whole references. */
  readonly parents: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly backends: readonly BackendRef[];
  readonly hostnames?: readonly string[];
}

/** A route of any kind; `version` is the one the cluster is known to serve. */
export function route(
  kind: string,
  { namespace, name, version = "v1" }: { namespace: string; name: string; version?: string },
  { parents, backends, hostnames }: RouteSpec,
): KubernetesObject {
  return {
    apiVersion: `${GATEWAY_API}/${version}`,
    kind,
    metadata: { namespace, name },
    spec: {
      parentRefs: parents.map((parent) => (typeof parent === "string" ? { name: parent } : parent)),
      ...(hostnames === undefined ? {} : { hostnames }),
      rules: [{ backendRefs: backends }],
    },
  };
}

export function service(
  namespace: string,
  name: string,
  port: number,
  protocol: "TCP" | "UDP" = "TCP",
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name },
    spec: { ports: [{ name: "main", port, protocol }] },
  };
}

export interface Endpoint {
  readonly address: string;
  /** True by default. */
  readonly isReady?: boolean;
}

export interface SliceName {
  readonly namespace: string;
  readonly service: string;
  readonly name?: string;
  readonly protocol?: "TCP" | "UDP";
}

/** One slice of a Service whose port is called "main", as the controller would write it. */
export function endpointSlice(
  { namespace, service: owner, name = `${owner}-1`, protocol = "TCP" }: SliceName,
  port: number,
  endpoints: readonly Endpoint[],
): KubernetesObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { namespace, name, labels: { "kubernetes.io/service-name": owner } },
    addressType: "IPv4",
    ports: [{ name: "main", port, protocol }],
    endpoints: endpoints.map(({ address, isReady = true }) => ({
      addresses: [address],
      conditions: { ready: isReady },
    })),
  };
}
