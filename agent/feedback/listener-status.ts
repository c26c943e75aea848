import type { InventoryListener } from "#protocol/control/inventory.ts";
import { toConditions, type ConditionContext, type WantedCondition } from "./conditions.ts";
import type { ListenerStatus, LiveListener } from "./live-objects.ts";

const GROUP = "gateway.networking.k8s.io";

/** Kinds of routes that a listener of each protocol takes. */
const KINDS_OF_PROTOCOL: ReadonlyMap<string, readonly string[]> = new Map([
  ["HTTP", ["HTTPRoute", "GRPCRoute"]],
  ["HTTPS", ["HTTPRoute", "GRPCRoute"]],
  ["TLS", ["TLSRoute"]],
  ["TCP", ["TCPRoute"]],
  ["UDP", ["UDPRoute"]],
]);

const CONFLICTS: ReadonlySet<string> = new Set(["ProtocolConflict", "HostnameConflict"]);
/** Codes about the listener itself. Others that stand at a listener are those of its routes. */
const REFUSALS: ReadonlySet<string> = new Set([...CONFLICTS, "UnsupportedValue"]);
/** About what a listener refers to: it is accepted all the same. */
const INVALID_KINDS = "InvalidRouteKinds";
/** Codes of routes that never became the listener's own. Others only miss a backend. */
const NOT_ATTACHED: ReadonlySet<string> = new Set([
  "NotAllowedByListeners",
  "NoMatchingParent",
  "NoMatchingListenerHostname",
  "UnsupportedValue",
  "IncompatibleFilters",
]);

/** True for a listener that is wrong in itself, whatever its routes are like. */
export function isRefused({ problemCode }: InventoryListener): boolean {
  return REFUSALS.has(problemCode ?? "");
}

/** True for a listener whose own specification is at fault, wholly or in part. */
export function isAtFault(listener: InventoryListener): boolean {
  return isRefused(listener) || listener.problemCode === INVALID_KINDS;
}

interface ListenerFacts {
  /** As discovery sees it; null when it leaves the listener out. */
  readonly found: InventoryListener | null;
  readonly isPublished: boolean;
  readonly present: ListenerStatus | undefined;
  readonly context: ConditionContext;
}

/** The status of one listener of a Gateway of Culvert's own class. */
export function buildListenerStatus(
  listener: LiveListener,
  { found, isPublished, present, context }: ListenerFacts,
): ListenerStatus {
  const attached = (found?.routes ?? []).filter(
    ({ accepted, reason }) => accepted || !NOT_ATTACHED.has(reason),
  );
  return {
    name: listener.name,
    attachedRoutes: attached.length,
    supportedKinds: supportedKinds(listener),
    conditions: toConditions(describe(found, isPublished), present?.conditions ?? [], context),
  };
}

function supportedKinds({
  protocol,
  allowedRoutes,
}: LiveListener): ListenerStatus["supportedKinds"] {
  const possible = KINDS_OF_PROTOCOL.get(protocol) ?? [];
  const wanted = allowedRoutes.kinds;
  const kinds =
    wanted.length === 0
      ? possible
      : possible.filter((kind) =>
          wanted.some((item) => item.group === GROUP && item.kind === kind),
        );
  return kinds.map((kind) => ({ group: GROUP, kind }));
}

const UNSEEN = "Culvert does not discover listeners of this protocol here.";

function describe(
  found: InventoryListener | null,
  isPublished: boolean,
): readonly WantedCondition[] {
  const code = found === null ? "UnsupportedProtocol" : (found.problemCode ?? "");
  const message = found === null ? UNSEEN : (found.problem ?? "");
  const isRefusedHere = found === null || isRefused(found);
  const isConflicted = CONFLICTS.has(code);
  const isUnresolved = code === INVALID_KINDS;
  return [
    isRefusedHere
      ? { type: "Accepted", isTrue: false, reason: code, message }
      : { type: "Accepted", isTrue: true, reason: "Accepted", message: "" },
    isUnresolved
      ? { type: "ResolvedRefs", isTrue: false, reason: code, message }
      : { type: "ResolvedRefs", isTrue: true, reason: "ResolvedRefs", message: "" },
    {
      type: "Conflicted",
      isTrue: isConflicted,
      reason: isConflicted ? code : "NoConflicts",
      message: isConflicted ? message : "",
    },
    describeProgrammed(isPublished, isRefusedHere, message),
  ];
}

function describeProgrammed(
  isPublished: boolean,
  isRefusedHere: boolean,
  message: string,
): WantedCondition {
  const type = "Programmed";
  if (isRefusedHere) return { type, isTrue: false, reason: "Invalid", message };
  if (isPublished) return { type, isTrue: true, reason: "Programmed", message: "" };
  const why = message === "" ? "The server has not published it yet." : message;
  return { type, isTrue: false, reason: "Pending", message: why };
}
