import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import { matchesSelector } from "./label-selector.ts";
import type { ObjectIndex } from "./object-index.ts";
import type { GatewayObject, Listener, ParentRef, RouteKind, RouteObject } from "./objects.ts";

/** What each protocol of a listener is to us, and which routes it can serve. */
export const LISTENER_PROTOCOLS: ReadonlyMap<
  string,
  { readonly protocol: TunnelProtocol; readonly kinds: readonly RouteKind[] }
> = new Map([
  ["TCP", { protocol: "tcp", kinds: ["TCPRoute"] }],
  ["UDP", { protocol: "udp", kinds: ["UDPRoute"] }],
  ["HTTP", { protocol: "http", kinds: ["HTTPRoute", "GRPCRoute"] }],
  ["HTTPS", { protocol: "http", kinds: ["HTTPRoute", "GRPCRoute"] }],
  ["TLS", { protocol: "tls", kinds: ["TLSRoute", "TCPRoute"] }],
]);

const GATEWAY_GROUP = "gateway.networking.k8s.io";

/** The Gateway API's own reason codes for a route and one listener. */
export type AttachReason = "Accepted" | "NotAllowedByListeners" | "NoMatchingListenerHostname";

export interface Attachment {
  readonly route: RouteObject;
  readonly reason: AttachReason;
  /** Plain words; empty when accepted. */
  readonly message: string;
}

/** The kinds of route a listener serves: what its protocol can do, narrowed by `allowedRoutes.kinds`. */
export function kindsOf(listener: Listener): readonly RouteKind[] {
  const possible = LISTENER_PROTOCOLS.get(listener.protocol)?.kinds ?? [];
  const wanted = listener.allowedRoutes.kinds;
  if (wanted === undefined || wanted.length === 0) return possible;
  return possible.filter((kind) =>
    wanted.some((item) => item.kind === kind && (item.group ?? GATEWAY_GROUP) === GATEWAY_GROUP),
  );
}

/**
 * Whether one parentRef of a route attaches it to one listener.
 *
 * @returns null when the reference does not mean this listener at all.
 */
export function attach(
  route: RouteObject,
  ref: ParentRef,
  parent: { readonly gateway: GatewayObject; readonly listener: Listener },
  index: ObjectIndex,
): Attachment | null {
  const { gateway, listener } = parent;
  if (!pointsAt(route, ref, gateway)) return null;
  if (ref.sectionName !== undefined && ref.sectionName !== listener.name) return null;
  if (ref.port !== undefined && ref.port !== listener.port) return null;
  const refuse = (reason: AttachReason, message: string): Attachment => ({
    route,
    reason,
    message: `${route.kind} ${route.metadata.namespace}/${route.metadata.name} ${message}`,
  });
  if (!kindsOf(listener).includes(route.kind)) {
    // A route for the whole Gateway simply passes over listeners of another kind.
    if (ref.sectionName === undefined && ref.port === undefined) return null;
    return refuse(
      "NotAllowedByListeners",
      `is not of a kind that listener ${listener.name} allows.`,
    );
  }
  if (!allowsNamespace(gateway, listener, route, index)) {
    return refuse(
      "NotAllowedByListeners",
      `is in a namespace that listener ${listener.name} does not allow.`,
    );
  }
  if (!sharesHostname(listener.hostname ?? null, route.spec.hostnames)) {
    return refuse(
      "NoMatchingListenerHostname",
      `shares no host name with listener ${listener.name}.`,
    );
  }
  return { route, reason: "Accepted", message: "" };
}

/** Whether a parentRef names this Gateway, whatever the listener. */
export function pointsAt(route: RouteObject, ref: ParentRef, gateway: GatewayObject): boolean {
  return (
    ref.group === GATEWAY_GROUP &&
    ref.kind === "Gateway" &&
    ref.name === gateway.metadata.name &&
    (ref.namespace ?? route.metadata.namespace) === gateway.metadata.namespace
  );
}

function allowsNamespace(
  gateway: GatewayObject,
  listener: Listener,
  route: RouteObject,
  index: ObjectIndex,
): boolean {
  const { from, selector } = listener.allowedRoutes.namespaces;
  switch (from) {
    case "All":
      return true;
    case "None":
      return false;
    case "Same":
      return route.metadata.namespace === gateway.metadata.namespace;
    case "Selector":
      // A Selector that is missing matches nothing rather than everything.
      return (
        selector !== undefined &&
        matchesSelector(selector, index.labelsOfNamespace(route.metadata.namespace))
      );
  }
}

function sharesHostname(listenerHost: string | null, routeHosts: readonly string[]): boolean {
  if (listenerHost === null || listenerHost === "" || routeHosts.length === 0) return true;
  return routeHosts.some((host) => covers(listenerHost, host) || covers(host, listenerHost));
}

/** `*.example.com` covers any name below example.com, wildcards included. */
function covers(pattern: string, host: string): boolean {
  const left = pattern.toLowerCase();
  const right = host.toLowerCase();
  return left === right || (left.startsWith("*.") && right.endsWith(left.slice(1)));
}
