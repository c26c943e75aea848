import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import type { Attachment } from "./attach-route.ts";
import { haveCommonHost } from "./host-names.ts";
import type { RouteObject } from "./objects.ts";

/** What becomes of a route that a listener allows, beside the others that it allows. */
export type Share =
  | { readonly kind: "serves" }
  /** Accepted, but an older route has the listener. */
  | { readonly kind: "waits"; readonly behind: RouteObject }
  /** Not accepted: an older route of the other kind has its host names. */
  | { readonly kind: "excluded"; readonly by: RouteObject };

/**
 * Decides between routes that want the same listener.
 *
 * TCP and UDP have nothing to tell clients apart by: the oldest route has the listener, and the others wait. HTTPRoutes
 * share a listener, and so do GRPCRoutes, but one host name belongs to routes of one kind only.
 *
 * @returns the oldest route first.
 *
 * Source: Gateway API 1.6, conflict rules of TCPRoute and UDPRoute, `hostnames` of GRPCRoute.
 */
export function shareListener(
  protocol: TunnelProtocol,
  attachments: readonly Attachment[],
): ReadonlyMap<RouteObject, Share> {
  const oldestFirst = attachments
    .filter(({ reason }) => reason === "Accepted")
    .sort((a, b) => compareAge(a.route, b.route));
  const isExclusive = protocol === "tcp" || protocol === "udp";
  const shares = new Map<RouteObject, Share>();
  const serving: Attachment[] = [];
  for (const attachment of oldestFirst) {
    const { route } = attachment;
    const [first] = serving;
    if (isExclusive && first !== undefined) {
      shares.set(route, { kind: "waits", behind: first.route });
      continue;
    }
    const rival = serving.find(
      (other) =>
        other.route.kind !== route.kind && haveCommonHost(other.hostnames, attachment.hostnames),
    );
    if (rival !== undefined) {
      shares.set(route, { kind: "excluded", by: rival.route });
      continue;
    }
    serving.push(attachment);
    shares.set(route, { kind: "serves" });
  }
  return shares;
}

/** Oldest first, then by `namespace/name`. In a folder nothing has an age, and the name alone decides. */
function compareAge(a: RouteObject, b: RouteObject): number {
  return (
    compareText(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compareText(nameOf(a), nameOf(b))
  );
}

function nameOf({ metadata }: RouteObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
