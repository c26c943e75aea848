import type { ClosedConnection } from "#server/services/connections/record-closed.ts";
import type { MetricDelta } from "#server/services/metrics/metric-rollup.ts";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { LinkState } from "#protocol/relay/events.ts";

export interface ReportedInventory {
  readonly agentId: string;
  readonly clusterId: string;
  readonly instanceId: string;
  readonly inventory: Inventory;
}

/** What the relays' end of the channel asks to have stored. Calls for one relay come one after the other. */
export interface FactStore {
  /** An agent's link is ready, or was found ready. */
  agentLinked(link: LinkState): Promise<void>;
  agentUnlinked(link: {
    readonly agentId: string;
    readonly clusterId: string;
    readonly at: number;
  }): Promise<void>;
  inventoryReported(report: ReportedInventory): Promise<void>;
  /** An agent counted what its cluster consists of. */
  resourcesReported(report: {
    readonly clusterId: string;
    readonly resources: ClusterResources;
  }): Promise<void>;
  connectionsClosed(connections: readonly ClosedConnection[]): Promise<void>;
  /** @param at milliseconds since the epoch */
  counted(deltas: readonly MetricDelta[], at: number): void;
  relayRestarted(relay: {
    readonly relayId: string;
    readonly lostConnections: number;
  }): Promise<void>;
  /** What is known of a cluster's links changed. */
  clusterChanged(clusterId: string): void;
  /** What is known of a tunnel right now changed. */
  tunnelChanged(tunnel: { readonly id: string; readonly clusterId: string }): void;
  /** A relay came or went: any cluster may look different. */
  everythingChanged(): void;
}
