import { recordAgent, recordAgentSeen } from "#server/services/agents/record-agent.ts";
import { recordRelayRestart } from "#server/services/audit/record-relay-restart.ts";
import { recordClosedConnections } from "#server/services/connections/record-closed.ts";
import type { ClusterReconciler } from "#server/services/inventory/cluster-reconciler.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import type { MetricDelta } from "#server/services/metrics/metric-rollup.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { FactStore } from "./fact-store.ts";

export interface StoreOptions {
  readonly context: ServiceContext;
  readonly reconciler: Pick<ClusterReconciler, "request" | "requestAll">;
  readonly count: (deltas: readonly MetricDelta[], at: number) => void;
}

/** Has every fact stored by the service it belongs to, and asks for the reconcile that follows from it. */
export function createFactStore({ context, reconciler, count }: StoreOptions): FactStore {
  return {
    agentLinked: async (link) => {
      await recordAgent(context, link);
      reconciler.request(link.clusterId);
    },
    agentUnlinked: async ({ agentId, clusterId, at }) => {
      await recordAgentSeen(context, { agentId, clusterId, at: new Date(at) });
      reconciler.request(clusterId);
    },
    inventoryReported: async (report) => {
      if (await storeInventory(context, report)) reconciler.request(report.clusterId);
    },
    connectionsClosed: (connections) => recordClosedConnections(context, connections),
    counted: count,
    relayRestarted: (relay) => recordRelayRestart(context, relay),
    clusterChanged: (clusterId) => reconciler.request(clusterId),
    everythingChanged: () => {
      context.changes.publish({ kind: "relay", id: "all" });
      void reconciler.requestAll();
    },
  };
}
