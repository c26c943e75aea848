import { recordAgent, recordAgentSeen } from "#server/services/agents/record-agent.ts";
import { recordRelayRestart } from "#server/services/audit/record-relay-restart.ts";
import { recordResources } from "#server/services/clusters/record-resources.ts";
import { recordClosedConnections } from "#server/services/connections/record-closed.ts";
import type { ClusterReconciler } from "#server/services/inventory/cluster-reconciler.ts";
import type { MetricDelta } from "#server/services/metrics/metric-rollup.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { FactStore } from "./fact-store.ts";
import type { InventoryWriter } from "./inventory-writer.ts";

export interface StoreOptions {
  readonly context: ServiceContext;
  readonly reconciler: Pick<ClusterReconciler, "request" | "requestAll">;
  readonly inventories: Pick<InventoryWriter, "note" | "flush">;
  readonly count: (deltas: readonly MetricDelta[], at: number) => void;
}

/** Has every fact stored by the service it belongs to, and asks for the reconcile that follows from it. */
export function createFactStore(options: StoreOptions): FactStore {
  const { context, reconciler, inventories, count } = options;
  return {
    agentLinked: async (link) => {
      await recordAgent(context, link);
      reconciler.request(link.clusterId);
    },
    agentUnlinked: async ({ agentId, clusterId, at }) => {
      await inventories.flush(agentId);
      await recordAgentSeen(context, { agentId, clusterId, at: new Date(at) });
      reconciler.request(clusterId);
    },
    inventoryReported: async (report) => {
      if (await inventories.note(report)) reconciler.request(report.clusterId);
    },
    resourcesReported: async (report) => void (await recordResources(context, report)),
    connectionsClosed: (connections) => recordClosedConnections(context, connections),
    counted: count,
    relayRestarted: (relay) => recordRelayRestart(context, relay),
    clusterChanged: (clusterId) => reconciler.request(clusterId),
    tunnelChanged: (tunnel) => context.changes.publish({ kind: "tunnel", ...tunnel }),
    everythingChanged: () => {
      context.changes.publish({ kind: "relay", id: "all" });
      void reconciler.requestAll();
    },
  };
}
