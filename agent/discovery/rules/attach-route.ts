import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import { intersectHostnames } from "./host-names.ts";
import { matchesSelector } from "./label-selector.ts";
import type { ObjectIndex, RouteRef } from "./object-index.ts";
import {
  describeObject,
  GATEWAY_GROUP,
  type GatewayObject,
  type Listener,
  type ParentRef,
  type RouteKind,
  type RouteObject,
} from "./objects.ts";

/** What each protocol of a listener is to us, and which routes it can serve. */
export const LISTENER_PROTOCOLS: ReadonlyMap<
  string,
  { readonly protocol: TunnelProtocol; readonly kinds: readonly RouteKind[] }
> = new Map([
  ["TCP", { protocol: "tcp", kinds: ["TCPRoute"] }],
  ["UDP", { protocol: "udp", kinds: ["UDPRoute"] }],
  ["HTTP", { protocol: "http", kinds: ["HTTPRoute", "GRPCRoute"] }],
  ["HTTPS", { protocol: "http", kinds: ["HTTPRoute", "GRPCRoute"] }],
  ["TLS", { protocol: "tls", kinds: ["TLSRoute"] }],
]);

/** The Gateway API's own reason codes for a route and one listener. */
export type AttachReason = "Accepted" | "NotAllowedByListeners" | "NoMatchingListenerHostname";

/** What one listener says to one route. */
export interface Attachment {
  readonly route: RouteObject;
  readonly listener: Listener;
  readonly reason: AttachReason;
  /** Plain words; empty when accepted. */
  readonly message: string;
  /** The host names that lead to the route through this listener; empty means any. */
  readonly hostnames: readonly string[];
}

/** The kinds of route a listener serves: what its protocol can do, narrowed by `allowedRoutes.kinds`. */
export function kindsOf(listener: Listener): readonly RouteKind[] {
  const possible = LISTENER_PROTOCOLS.get(listener.protocol)?.kinds ?? [];
  const wanted = listener.allowedRoutes.kinds;
  if (wanted === undefined || wanted.length === 0) return possible;
  return possible.filter((kind) => wanted.some((item) => isKind(item, kind)));
}

/** The kinds in `allowedRoutes.kinds` that this listener can never serve. */
export function invalidKindsOf(listener: Listener): readonly string[] {
  const possible = LISTENER_PROTOCOLS.get(listener.protocol)?.kinds ?? [];
  return (listener.allowedRoutes.kinds ?? [])
    .filter((item) => !possible.some((kind) => isKind(item, kind)))
    .map(({ kind }) => kind);
}

function isKind(
  item: { readonly group?: string | undefined; readonly kind: string },
  kind: RouteKind,
): boolean {
  return item.kind === kind && (item.group ?? GATEWAY_GROUP) === GATEWAY_GROUP;
}

/** How far a route came with a listener. A reference is judged by the listener with which it came furthest. */
const Step = { kind: 0, namespace: 1, hostname: 2, accepted: 3 } as const;

interface Judged {
  readonly step: number;
  readonly attachment: Attachment;
}

/**
 * Judges one parentRef against the listeners of its Gateway.
 *
 * A reference is accepted where at least one of the listeners it means accepts it; the others say nothing then. Where
 * none does, those that were nearest to it say why.
 *
 * @returns empty when the reference means no listener at all: `NoMatchingParent`.
 */
export function judgeRef(
  { route, ref }: RouteRef,
  gateway: GatewayObject,
  index: ObjectIndex,
): readonly Attachment[] {
  const judged = gateway.spec.listeners
    .filter((listener) => isMeant(ref, listener))
    .map((listener) => judge(route, { gateway, listener }, index));
  const furthest = judged.reduce((best, { step }) => Math.max(best, step), 0);
  return judged.filter(({ step }) => step === furthest).map(({ attachment }) => attachment);
}

function isMeant(ref: ParentRef, listener: Listener): boolean {
  return (
    (ref.sectionName === undefined || ref.sectionName === listener.name) &&
    (ref.port === undefined || ref.port === listener.port)
  );
}

function judge(
  route: RouteObject,
  parent: { readonly gateway: GatewayObject; readonly listener: Listener },
  index: ObjectIndex,
): Judged {
  const { gateway, listener } = parent;
  const refuse = (step: number, reason: AttachReason, words: string): Judged => ({
    step,
    attachment: {
      route,
      listener,
      reason,
      message: `${describeObject(route)} ${words}`,
      hostnames: [],
    },
  });
  if (!kindsOf(listener).includes(route.kind)) {
    const words = `is not of a kind that listener ${listener.name} allows.`;
    return refuse(Step.kind, "NotAllowedByListeners", words);
  }
  if (!allowsNamespace(gateway, listener, route, index)) {
    const words = `is in a namespace that listener ${listener.name} does not allow.`;
    return refuse(Step.namespace, "NotAllowedByListeners", words);
  }
  const hostnames = intersectHostnames(hostOf(listener), route.spec.hostnames);
  if (hostnames === null) {
    const words = `shares no host name with listener ${listener.name}.`;
    return refuse(Step.hostname, "NoMatchingListenerHostname", words);
  }
  const attachment: Attachment = { route, listener, reason: "Accepted", message: "", hostnames };
  return { step: Step.accepted, attachment };
}

/** In lower case; null for any host, and for protocols that know no host. */
export function hostOf(listener: Listener): string | null {
  const protocol = LISTENER_PROTOCOLS.get(listener.protocol)?.protocol;
  const hasHost = protocol === "http" || protocol === "tls";
  return hasHost && listener.hostname ? listener.hostname.toLowerCase() : null;
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
