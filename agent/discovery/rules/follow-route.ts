import type { InventoryRoute } from "#protocol/control/inventory.ts";
import type { UpstreamBackend } from "../discovery.ts";
import type { Attachment } from "./attach-route.ts";
import type { ObjectIndex } from "./object-index.ts";
import { buildRules, passOn, type BuiltRules } from "./http/build-rules.ts";
import { RouteFault } from "./http/route-fault.ts";
import { describeObject, type GatewayObject, type RouteObject } from "./objects.ts";
import { resolveBackend, type ResolvedRef } from "./resolve-backend.ts";
import type { BackendRef } from "./route-rules.ts";
import type { Share } from "./share-listener.ts";

/** How one route fared on one listener, and where it leads. */
export interface FollowedRoute {
  readonly route: InventoryRoute;
  /** False for one that was refused before its backends mattered, and for one that waits behind another. */
  readonly isServing: boolean;
  /** True for one with a rule that answers by itself. */
  readonly isSelfSufficient: boolean;
  readonly backends: readonly UpstreamBackend[];
  /** What it does with requests of HTTP; null for other routes, and for those that do nothing here. */
  readonly http: BuiltRules | null;
}

interface Following {
  /** Null when the listener refused the route. */
  readonly share: Share | null;
  readonly gateway: GatewayObject;
  readonly index: ObjectIndex;
  readonly isServedByGateway: boolean;
}

/** Follows a route to its backends, if the listener lets it. */
export function followRoute(attachment: Attachment, following: Following): FollowedRoute {
  const { route } = attachment;
  const { share } = following;
  const idle = (reason: string, message: string): FollowedRoute => ({
    route: describe(route, reason, message),
    isServing: false,
    isSelfSufficient: false,
    backends: [],
    http: null,
  });
  const label = describeObject(route);
  if (share === null) return idle(attachment.reason, attachment.message);
  if (share.kind === "waits") {
    const message = `${label} waits: ${describeObject(share.behind)} is older and has the listener.`;
    return idle("Accepted", message);
  }
  if (share.kind === "excluded") {
    const message = `${label} wants host names that ${describeObject(share.by)} has, which is older and of another kind.`;
    return idle("NotAllowedByListeners", message);
  }
  try {
    return followServing(attachment, following);
  } catch (error) {
    if (!(error instanceof RouteFault)) throw error;
    return { ...idle(error.code, `${label} ${error.message}`), isServing: true };
  }
}

function describe(route: RouteObject, reason: string, message: string): InventoryRoute {
  const { namespace, name } = route.metadata;
  return { kind: route.kind, namespace, name, accepted: reason === "Accepted", reason, message };
}

/** @throws RouteFault when the specification wants the whole route refused. */
function followServing({ route, hostnames }: Attachment, following: Following): FollowedRoute {
  const { gateway, isServedByGateway } = following;
  const resolve = (ref: BackendRef): ResolvedRef => resolveBackend(route, ref, following);
  const resolved = new Map(refsOf(route).map((ref) => [ref, resolve(ref)]));
  const isHttp = route.kind === "HTTPRoute" || route.kind === "GRPCRoute";
  const http = !isHttp
    ? null
    : isServedByGateway
      ? passOn(route, hostnames)
      : buildRules(route, { hostnames, resolve: (ref) => resolved.get(ref) ?? resolve(ref) });
  const isSelfSufficient = hasRedirect(route);
  const common = { isServing: true, isSelfSufficient, http };
  const all = [...resolved.values()];
  const faults = all.flatMap(({ fault }) => fault ?? []);
  const [fault] = faults;
  if (fault !== undefined && faults.length === all.length && !isSelfSufficient) {
    return { ...common, route: describe(route, fault.code, fault.message), backends: [] };
  }
  const notes = [
    ...(fault === undefined ? [] : [fault.message]),
    ...(http?.notes ?? []),
    ...findSpareRules(route),
    ...findControllerNotes(route, gateway),
  ];
  return {
    ...common,
    route: describe(route, "Accepted", notes.join(" ")),
    backends: all.flatMap(({ backend }) => backend ?? []),
  };
}

/** True when a rule answers every request that it matches with a redirect. */
function hasRedirect(route: RouteObject): boolean {
  if (route.kind !== "HTTPRoute") return false;
  return route.spec.rules.some(({ filters }) =>
    filters.some(({ type }) => type === "RequestRedirect"),
  );
}

const ONE_RULE_KINDS: ReadonlySet<string> = new Set(["TCPRoute", "UDPRoute", "TLSRoute"]);

/** Older versions allow several rules where nothing tells them apart: the first one holds. */
function refsOf({ kind, spec }: RouteObject): readonly BackendRef[] {
  const rules: readonly { readonly backendRefs: readonly BackendRef[] }[] = spec.rules;
  const used = ONE_RULE_KINDS.has(kind) ? rules.slice(0, 1) : rules;
  return used.flatMap((rule) => rule.backendRefs);
}

function findSpareRules(route: RouteObject): readonly string[] {
  if (!ONE_RULE_KINDS.has(route.kind) || route.spec.rules.length <= 1) return [];
  return [`Only the first of its ${route.spec.rules.length} rules is used.`];
}

const FOREIGN_TEXT_MAX = 200;

/**
 * What the cluster's own controller holds against a route that we accept. We judge ourselves, since a controller need
 * not exist; but it may know a reason that we cannot see.
 */
function findControllerNotes(route: RouteObject, gateway: GatewayObject): readonly string[] {
  const { namespace, name } = gateway.metadata;
  return route.status
    .filter(
      ({ parent }) =>
        parent.name === name && (parent.namespace ?? route.metadata.namespace) === namespace,
    )
    .map(
      ({ controller, reason, message }) =>
        `The controller ${controller} refuses it: ${reason}: ${message.slice(0, FOREIGN_TEXT_MAX)}`,
    );
}
