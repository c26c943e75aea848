import { RoutingMode } from "#protocol/api/routing.ts";
import { decideMode, type RoutingDecision } from "#server/services/routing/decide-mode.ts";
import { isPublicAddress } from "#server/services/routing/public-address.ts";
import { clusterTypeOf } from "#server/services/clusters/cluster-type.ts";
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
}

/** Gathers the facts about one tunnel and decides its mode. */
export function decideTunnelMode(
  row: TunnelRow,
  spec: TunnelSpec,
  around: RoutingSurroundings,
): RoutingDecision {
  const serving = spec.reportedBy.flatMap((id) => around.agents.get(id) ?? []);
  const forcing = serving.find((agent) => agent.forceTunnelMode);
  const dual = serving.find((agent) => agent.dualModeEnabled);
  const mode = RoutingMode.nullable().parse(row.chosenMode);
  return decideMode({
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
    hasPublicAddress: spec.addresses.some((address) =>
      isPublicAddress(address, around.directCidrs),
    ),
    agentDual: dual === undefined ? null : { setBy: `agent ${dual.name}`, setAt: null },
    // Nobody dials direct endpoints yet, and what was only reported is not believed.
    direct: "unverified",
  });
}

function toSetBy(setBy: string | null, setAt: Date | null) {
  return setBy === null ? null : { setBy, setAt };
}
