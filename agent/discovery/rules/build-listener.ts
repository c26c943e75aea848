import type { InventoryListener } from "#protocol/control/inventory.ts";
import type { DiscoveryProblem, UpstreamBackend } from "../discovery.ts";
import {
  hostOf,
  invalidKindsOf,
  kindsOf,
  LISTENER_PROTOCOLS,
  type Attachment,
} from "./attach-route.ts";
import { followRoute, type FollowedRoute } from "./follow-route.ts";
import { buildRouting } from "./http/build-routing.ts";
import { isPassthrough, type ListenerProblem } from "./listener-conflicts.ts";
import type { ObjectIndex } from "./object-index.ts";
import type { GatewayObject, Listener, RouteObject } from "./objects.ts";
import { shareListener } from "./share-listener.ts";

export interface BuiltListener {
  readonly listener: InventoryListener;
  /** What may be dialled for it: its backends, and those that only get copies of requests. */
  readonly targets: readonly UpstreamBackend[];
  readonly problems: readonly DiscoveryProblem[];
}

export interface ListenerParts {
  readonly gateway: GatewayObject;
  readonly listener: Listener;
  /** The Gateway's own data plane is dialled, which can do what we cannot. */
  readonly isServedByGateway: boolean;
  /** Every route whose parentRef means this listener, once. */
  readonly attachments: readonly Attachment[];
  /** With other listeners of the same Gateway; null when there is none. */
  readonly conflict: ListenerProblem | null;
}

/** One listener of a Gateway: its routes, its backends, and why it cannot be published, if it cannot. */
export function buildListener(parts: ListenerParts, index: ObjectIndex): BuiltListener | null {
  const { gateway, listener, attachments, isServedByGateway } = parts;
  const spec = LISTENER_PROTOCOLS.get(listener.protocol);
  if (spec === undefined) return null;
  const shares = shareListener(spec.protocol, attachments);
  const byRoute = new Map(
    attachments.map((attachment): [RouteObject, FollowedRoute] => {
      const share = shares.get(attachment.route) ?? null;
      const following = { share, gateway, index, isServedByGateway };
      return [attachment.route, followRoute(attachment, following)];
    }),
  );
  const followed = [...byRoute.values()];
  const backends = sumBackends(followed.flatMap((route) => route.backends));
  const mirrors = followed.flatMap(({ http }) => http?.mirrors ?? []);
  const problem =
    parts.conflict ?? findUnsupported(parts) ?? findRouteProblem(listener, followed, backends);
  const oldestFirst = [...shares.keys()].flatMap((route) => byRoute.get(route)?.http ?? []);
  const http = spec.protocol === "http" ? buildRouting(parts, oldestFirst) : null;
  return {
    listener: {
      name: listener.name,
      port: listener.port,
      protocol: spec.protocol,
      hostname: hostOf(listener),
      routes: followed.map(({ route }) => route),
      backends: backends.map(({ addresses: _addresses, isInvalid: _isInvalid, ...rest }) => rest),
      problem: problem?.message ?? null,
      problemCode: problem?.code ?? null,
      ...(http === null ? {} : { http: http.routing }),
    },
    targets: sumBackends([...backends, ...mirrors]),
    problems: http?.problems ?? [],
  };
}

/** Two references to the same port of a Service are one backend with the sum of both weights. */
function sumBackends(all: FollowedRoute["backends"]): readonly UpstreamBackend[] {
  const sums = new Map<string, UpstreamBackend>();
  for (const backend of all) {
    const key = `${backend.namespace}/${backend.name}/${backend.port}/${backend.isInvalid ?? false}`;
    const known = sums.get(key);
    const weight = Math.min(1_000_000, backend.weight + (known?.weight ?? 0));
    sums.set(key, { ...backend, weight });
  }
  return [...sums.values()];
}

function findUnsupported({ listener, isServedByGateway }: ListenerParts): ListenerProblem | null {
  // Passed through to a Gateway that ends TLS itself, any mode will do.
  if (listener.protocol === "TLS" && !isPassthrough(listener) && !isServedByGateway) {
    return {
      code: "UnsupportedValue",
      message: `Its TLS mode is ${listener.tls?.mode ?? ""}; TLS is only passed through. Use mode Passthrough, or an HTTPS listener.`,
    };
  }
  const invalid = invalidKindsOf(listener);
  if (invalid.length > 0 && kindsOf(listener).length === 0) {
    return {
      code: "InvalidRouteKinds",
      message: `Its allowedRoutes name no kind of route that a ${listener.protocol} listener can serve.`,
    };
  }
  return null;
}

function findRouteProblem(
  listener: Listener,
  followed: readonly FollowedRoute[],
  backends: readonly UpstreamBackend[],
): ListenerProblem | null {
  const none = (message: string): ListenerProblem => ({ code: null, message });
  if (followed.length === 0)
    return none(`No ${kindsOf(listener).join(" or ")} is attached to this listener.`);
  const refusal = findRefusal(followed);
  if (refusal !== null) return refusal;
  if (followed.some(({ isSelfSufficient }) => isSelfSufficient)) return null;
  if (backends.length === 0) return none("Its route names no backend.");
  if (backends.every(({ weight }) => weight === 0)) return none("Every backend has weight 0.");
  return null;
}

/** Why no route has the listener; null when one has. */
function findRefusal(followed: readonly FollowedRoute[]): ListenerProblem | null {
  if (followed.some(({ route, isServing }) => isServing && route.accepted)) return null;
  // What the listener's own route lacks explains more than who else was turned away.
  const refused = followed.filter(({ route }) => !route.accepted);
  const route = (refused.find(({ isServing }) => isServing) ?? refused[0])?.route;
  if (route === undefined) return null;
  // Of a listener, this code would say that it is wrong itself.
  const code = route.reason === "UnsupportedValue" ? null : route.reason;
  return { code, message: route.message };
}
