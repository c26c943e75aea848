import type { ClusterDto } from "#protocol/api/clusters.ts";
import type { Page } from "#protocol/api/common.ts";

type ClusterPage = Page<ClusterDto>;

/** Puts a cluster, as it now is, into a list; a new one keeps the list sorted by name. */
export function withCluster(page: ClusterPage, cluster: ClusterDto): ClusterPage {
  const index = page.items.findIndex((item) => item.id === cluster.id);
  if (index >= 0) return { ...page, items: page.items.with(index, cluster) };
  const items = [...page.items, cluster].sort((a, b) => a.name.localeCompare(b.name));
  return { ...page, items };
}

/** Takes a cluster out of a list. */
export function withoutCluster(page: ClusterPage, clusterId: string): ClusterPage {
  return { ...page, items: page.items.filter((item) => item.id !== clusterId) };
}

export interface FleetTotals {
  readonly clusters: number;
  readonly connected: number;
  readonly agents: number;
  readonly tunnels: number;
  readonly activeTunnels: number;
  readonly connectionsOpen: number;
}

/** Sums over all clusters. */
export function fleetTotals(clusters: readonly ClusterDto[]): FleetTotals {
  const sum = (pick: (cluster: ClusterDto) => number): number =>
    clusters.reduce((total, cluster) => total + pick(cluster), 0);
  return {
    clusters: clusters.length,
    connected: sum(({ status }) => (status === "connected" || status === "degraded" ? 1 : 0)),
    agents: sum(({ agents }) => agents.connected),
    tunnels: sum(({ tunnels }) => tunnels.total),
    activeTunnels: sum(({ tunnels }) => tunnels.active),
    connectionsOpen: sum(({ connections }) => connections.open),
  };
}
