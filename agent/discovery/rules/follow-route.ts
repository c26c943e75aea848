import type { InventoryRoute } from "#protocol/control/inventory.ts";
import type { UpstreamBackend } from "../discovery.ts";
import type { Attachment } from "./attach-route.ts";
import type { ObjectIndex } from "./object-index.ts";
import { describeObject, type GatewayObject, type RouteObject } from "./objects.ts";
import { resolveBackend } from "./resolve-backend.ts";
import type { Share } from "./share-listener.ts";

/** How one route fared on one listener, and where it leads. */
export interface FollowedRoute {
  readonly route: InventoryRoute;
  /** False for one that was refused before its backends mattered, and for one that waits behind another. */
  readonly isServing: boolean;
  readonly backends: readonly UpstreamBackend[];
}

interface Following {
  /** Null when the listener refused the route. */
  readonly share: Share | null;
  readonly gateway: GatewayObject;
  readonly index: ObjectIndex;
}

/** Follows a route to its backends, if the listener lets it. */
export function followRoute(attachment: Attachment, following: Following): FollowedRoute {
  const { route } = attachment;
  const { share, gateway, index } = following;
  const { namespace, name } = route.metadata;
  const base = { kind: route.kind, namespace, name };
  const idle = (accepted: boolean, reason: string, message: string): FollowedRoute => ({
    route: { ...base, accepted, reason, message },
    isServing: false,
    backends: [],
  });
  const label = describeObject(route);
  if (share === null) return idle(false, attachment.reason, attachment.message);
  if (share.kind === "waits") {
    const message = `${label} waits: ${describeObject(share.behind)} is older and has the listener.`;
    return idle(true, "Accepted", message);
  }
  if (share.kind === "excluded") {
    const message = `${label} wants host names that ${describeObject(share.by)} has, which is older and of another kind.`;
    return idle(false, "NotAllowedByListeners", message);
  }
  const resolved = refsOf(route).map((ref) => resolveBackend(route, ref, index));
  const faults = resolved.flatMap((item) => (item.fault === null ? [] : [item.fault]));
  const [fault] = faults;
  if (fault !== undefined && faults.length === resolved.length) {
    return {
      route: { ...base, accepted: false, reason: fault.code, message: fault.message },
      isServing: true,
      backends: [],
    };
  }
  const notes = [
    ...(fault === undefined ? [] : [fault.message]),
    ...findSpareRules(route),
    ...findControllerNotes(route, gateway),
  ];
  return {
    route: { ...base, accepted: true, reason: "Accepted", message: notes.join(" ") },
    isServing: true,
    backends: resolved.flatMap(({ backend }) => (backend === null ? [] : [backend])),
  };
}

const ONE_RULE_KINDS: ReadonlySet<string> = new Set(["TCPRoute", "UDPRoute", "TLSRoute"]);

/** Older versions allow several rules where nothing tells them apart: the first one holds. */
function refsOf({ kind, spec }: RouteObject): RouteObject["spec"]["rules"][number]["backendRefs"] {
  const rules = ONE_RULE_KINDS.has(kind) ? spec.rules.slice(0, 1) : spec.rules;
  return rules.flatMap((rule) => rule.backendRefs);
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
