import type { KubernetesObject } from "../../kubernetes/harness/cluster-client.ts";
import {
  endpointSlice,
  gateway,
  route,
  service,
  type Endpoint,
} from "../../kubernetes/harness/objects.ts";

export const NAMESPACE = "services";
export const GATEWAY = "site";
/** Of every Service; where it really listens is the EndpointSlice's to say. */
export const SERVICE_PORT = 8080;
const LOOPBACK = "127.0.0.1";
const DOMAIN = "example.test";

export interface HttpService {
  /** Its route's host name is this below example.test. */
  readonly name: string;
  /** Where it listens on loopback; null where it has no endpoint that is ready. */
  readonly port: number | null;
  /** `http1` by default. */
  readonly protocol?: "http1" | "h2c";
}

export interface HttpServiceWithRoute extends HttpService {
  /** `null` makes a Service that only routes of the test's own lead to. */
  readonly route?: "HTTPRoute" | "GRPCRoute" | null;
}

export const hostOf = (name: string): string => `${name}.${DOMAIN}`;

export const backendRef = (name: string) => ({ name, port: SERVICE_PORT });

/** A route with rules of the test's own. */
export function httpRoute(
  name: string,
  hostnames: readonly string[],
  ...rules: object[]
): KubernetesObject {
  const { spec, ...rest } = route(
    "HTTPRoute",
    { namespace: NAMESPACE, name },
    { parents: [GATEWAY], hostnames, backends: [] },
  );
  return { ...rest, spec: { ...(spec as object), rules } };
}

/** One Gateway with one HTTP listener, and for each service what a cluster would hold of it. */
export function httpObjects(services: readonly HttpServiceWithRoute[]): KubernetesObject[] {
  return [
    gateway(NAMESPACE, GATEWAY, { listeners: [{ name: "http", port: 80, protocol: "HTTP" }] }),
    ...services.flatMap(toObjects),
  ];
}

function toObjects(item: HttpServiceWithRoute): KubernetesObject[] {
  const { name, port, protocol = "http1", route: kind = "HTTPRoute" } = item;
  const endpoints: Endpoint[] = [{ address: LOOPBACK, isReady: port !== null }];
  const slice = endpointSlice({ namespace: NAMESPACE, service: name }, port ?? 1, endpoints);
  const objects = [withAppProtocol(service(NAMESPACE, name, SERVICE_PORT), protocol), slice];
  if (kind === null) return objects;
  const spec = {
    parents: [GATEWAY],
    hostnames: [hostOf(name)],
    backends: [{ name, port: SERVICE_PORT }],
  };
  return [...objects, route(kind, { namespace: NAMESPACE, name }, spec)];
}

function withAppProtocol(object: KubernetesObject, protocol: "http1" | "h2c"): KubernetesObject {
  if (protocol === "http1") return object;
  const port = { name: "main", port: SERVICE_PORT, protocol: "TCP" };
  return { ...object, spec: { ports: [{ ...port, appProtocol: "kubernetes.io/h2c" }] } };
}
