import type { HttpRouting, HttpRule } from "#protocol/control/http-routing.ts";
import type { InventoryListener } from "#protocol/control/inventory.ts";

const BACKEND = { namespace: "apps", name: "web", port: 80, weight: 1, ready: true } as const;

/** A rule that sends every path of these hosts to one backend. */
export function ruleFor(hostnames: readonly string[]): HttpRule {
  return {
    route: "HTTPRoute apps/web",
    hostnames: [...hostnames],
    matches: [{ path: { type: "PathPrefix", value: "/" }, method: null, headers: [], query: [] }],
    filters: [],
    backends: [{ ...BACKEND, isInvalid: false, protocol: "http1", filters: [] }],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
  };
}

/** An HTTP listener on port 80 with one route for these host names. */
export function httpListener(
  hostnames: readonly string[],
  facts: Partial<InventoryListener> & { readonly routing?: Partial<HttpRouting> } = {},
): InventoryListener {
  const { routing, ...listener } = facts;
  return {
    name: "web",
    port: 80,
    protocol: "http",
    hostname: null,
    routes: [],
    backends: [{ ...BACKEND, reason: null }],
    problem: null,
    problemCode: null,
    http: { isThroughGateway: false, isTls: false, rules: [ruleFor(hostnames)], ...routing },
    ...listener,
  };
}
