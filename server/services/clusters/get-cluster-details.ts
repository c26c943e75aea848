import { ClusterDetailsDto } from "#protocol/api/clusters.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { currentSnapshots, loadSnapshots } from "#server/services/inventory/load-snapshots.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getClusterRow } from "./get-cluster.ts";
import { parseResources } from "./record-resources.ts";

/**
 * What a cluster consists of: its nodes and pods in summary, and which versions of the Gateway API are in use.
 *
 * @throws AppError `not_found`
 */
export async function getClusterDetails(
  deps: Pick<ServiceContext, "db" | "live" | "now">,
  actor: Actor,
  input: { readonly id: string },
): Promise<ClusterDetailsDto> {
  requireRole(actor, "viewer");
  const cluster = await getClusterRow(deps.db, input.id);
  const stored = await loadSnapshots(deps, cluster.id);
  const links = deps.live.relays.linksOfCluster(cluster.id);
  const snapshots = currentSnapshots(stored, links, deps.now()) ?? stored;
  // They ask the same API server; the newest answer is the best.
  const newestFirst = [...snapshots].sort(
    (a, b) => b.receivedAt.getTime() - a.receivedAt.getTime(),
  );
  const reader = newestFirst.find(({ inventory }) => inventory.gatewayApi !== null);
  const loadBalancers = new Set(snapshots.flatMap(({ inventory }) => inventory.loadBalancers));
  return ClusterDetailsDto.parse({
    clusterId: cluster.id,
    resources: parseResources(cluster.resources),
    gatewayApi: reader?.inventory.gatewayApi ?? null,
    loadBalancers: [...loadBalancers].sort(),
  });
}
