import { ClusterId, TunnelId } from "#protocol/api/ids.ts";
import type {
  HttpBackend,
  HttpFilter,
  HttpMatch,
  HttpRouting,
  HttpRule,
} from "#protocol/control/http-routing.ts";
import type { DesiredHttp, DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { RequestFacts } from "../routing/request-facts.ts";

export function matchOf(over: Partial<HttpMatch> = {}): HttpMatch {
  return {
    path: { type: "PathPrefix", value: "/" },
    method: null,
    headers: [],
    query: [],
    ...over,
  };
}

/** A rule that is known by its route's name. */
export function ruleOf(route: string, over: Partial<HttpRule> = {}): HttpRule {
  return {
    route,
    hostnames: [],
    matches: [matchOf()],
    filters: [],
    backends: [],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
    ...over,
  };
}

export function routingOf(rules: HttpRule[], over: Partial<HttpRouting> = {}): HttpRouting {
  return { isThroughGateway: false, isTls: false, rules, ...over };
}

export function backendOf(name: string, over: Partial<HttpBackend> = {}): HttpBackend {
  return {
    namespace: "shop",
    name,
    port: 8080,
    weight: 1,
    ready: true,
    isInvalid: false,
    protocol: "http1",
    filters: [],
    ...over,
  };
}

export function redirectOf(
  over: Partial<Extract<HttpFilter, { type: "redirect" }>> = {},
): HttpFilter {
  return {
    type: "redirect",
    scheme: null,
    hostname: null,
    path: null,
    port: null,
    statusCode: 302,
    ...over,
  };
}

export interface RequestOver extends Partial<Omit<RequestFacts, "header">> {
  readonly headers?: Readonly<Record<string, string>>;
}

export function factsOf({ headers = {}, ...over }: RequestOver = {}): RequestFacts {
  return {
    method: "GET",
    path: "/",
    query: "",
    host: "example.com",
    header: (name) => headers[name],
    ...over,
  };
}

const digits = (n: number): string => String(n).padStart(20, "0");

export interface HttpTunnelOver extends Partial<DesiredHttp> {
  readonly cluster?: number;
  readonly gateway?: string;
  readonly port?: number;
  /** Of the listener. */
  readonly hostname?: string | null;
}

export function httpTunnelOf(n: number, over: HttpTunnelOver = {}): DesiredTunnel {
  const { cluster = 1, gateway = "edge", port = 80, hostname = null, ...http } = over;
  return {
    id: TunnelId.parse(`tn_${digits(n)}`),
    clusterId: ClusterId.parse(`cl_${digits(cluster)}`),
    target: { namespace: "shop", gateway, protocol: "http", port, hostname },
    relayPort: null,
    http: {
      ownName: `edge-${n}.tunnels.test`,
      hostnames: [],
      routing: routingOf([ruleOf(`route ${n}`)]),
      allowedOrigins: [],
      ...http,
    },
    state: "open",
    mode: "tunnel",
    direct: [],
    endpoints: [],
    policy: {
      connectTimeoutMs: 1,
      idleTimeoutMs: 1,
      directDrainMs: null,
      allowedOrigins: [],
      maxConnections: 1,
    },
  };
}
