import { RoutingMode } from "#protocol/api/routing.ts";
import type { DirectTarget } from "#protocol/relay/desired-state.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import { decideMode, type RoutingDecision } from "#server/services/routing/decide-mode.ts";
import {
  combineReach,
  directTargets,
  isTargeted,
  type DirectReach,
} from "#server/services/routing/direct-reach.ts";
import { clusterTypeOf } from "#server/services/clusters/cluster-type.ts";
import type { LiveState } from "#server/services/live-state.ts";
import type { FleetForce } from "#server/services/settings/fleet-force.ts";
import type { TunnelRow } from "./tunnel-row.ts";
import type { TunnelSpec } from "./tunnel-spec.ts";

/** An agent's own wishes about routing. */
export interface AgentWishes {
  readonly id: string;
  readonly name: string;
  readonly forceTunnelMode: boolean;
  readonly dualModeEnabled: boolean;
}

export interface RoutingSurroundings {
  readonly fleetForce: FleetForce | null;
  /** By id; agents of other clusters do no harm. */
  readonly agents: ReadonlyMap<string, AgentWishes>;
  readonly directCidrs: readonly string[];
  readonly now: Date;
  readonly live: Pick<LiveState, "relays" | "auditedReach">;
}

export interface TunnelRouting extends RoutingDecision {
  /** The Gateway's addresses that clients outside could use. */
  readonly targets: readonly DirectTarget[];
  /** What relays see of them; null where the mode asks for none, or there is none. */
  readonly direct: DirectReach | null;
}

/** Gathers the facts about one tunnel and decides its mode. */
export function decideTunnelMode(
  row: TunnelRow,
  spec: TunnelSpec,
  around: RoutingSurroundings,
): TunnelRouting {
  const serving = spec.reportedBy.flatMap((id) => around.agents.get(id) ?? []);
  const forcing = serving.find((agent) => agent.forceTunnelMode);
  const dual = serving.find((agent) => agent.dualModeEnabled);
  const mode = RoutingMode.nullable().parse(row.chosenMode);
  const targets = directTargets(spec.addresses, row.port, around.directCidrs);
  const reach = reachOf(row, targets, around.live);
  const decision = decideMode({
    fleetForce: around.fleetForce,
    clusterForce: toSetBy(row.cluster.forcedBy, row.cluster.forcedAt),
    tunnelForce: toSetBy(row.forcedBy, row.forcedAt),
    operatorChoice:
      mode === null || row.chosenBy === null
        ? null
        : { mode, setBy: row.chosenBy, setAt: row.chosenAt },
    annotation:
      spec.annotation === null
        ? null
        : { mode: spec.annotation, setBy: `${row.namespace}/${row.gateway}`, setAt: null },
    agentForce: forcing === undefined ? null : { setBy: `agent ${forcing.name}`, setAt: null },
    clusterType: clusterTypeOf(row.cluster, around.now),
    hasPublicAddress: targets.length > 0,
    agentDual: dual === undefined ? null : { setBy: `agent ${dual.name}`, setAt: null },
    direct: reach?.state ?? "unverified",
  });
  return { ...decision, targets, direct: decision.desired === "tunnel" ? null : reach };
}

/** What relays say of the addresses the Gateway has now; of others it says nothing. */
function reachOf(
  row: TunnelRow,
  targets: readonly DirectTarget[],
  live: RoutingSurroundings["live"],
): DirectReach | null {
  const [first] = targets;
  if (first === undefined) return null;
  const seen = combineReach(live.relays.directOf(row.id));
  if (seen !== null && isTargeted(targets, seen.address)) return seen;
  // Until relays have spoken, what held before this process was started stands: they go by it, too.
  const isTrusted = !live.relays.isInformed && live.auditedReach.get(row.id) === true;
  return {
    state: isTrusted ? "verified" : "unverified",
    address: toEndpoint(first.host, first.port),
    rttMs: null,
    reason: isTrusted ? null : "No relay has tried it yet.",
    since: row.updatedAt.getTime(),
  };
}

function toSetBy(setBy: string | null, setAt: Date | null) {
  return setBy === null ? null : { setBy, setAt };
}
