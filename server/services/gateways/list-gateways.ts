import { listenerKeyText } from "#protocol/control/inventory.ts";
import { GatewayListDto } from "#protocol/api/clusters.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import { currentSnapshots, loadSnapshots } from "#server/services/inventory/load-snapshots.ts";
import { keyTextOf, toSpec } from "#server/services/inventory/plan-tunnels.ts";
import { unionOf, type UnionListener } from "#server/services/inventory/union.ts";
import type { LiveLink } from "#server/services/live/live-relays.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { WITH_CLUSTER_AND_LEASE } from "#server/services/tunnels/tunnel-row.ts";

/**
 * What a cluster's agents see: Gateways, their listeners, routes and backends, each with why it is not published.
 *
 * @throws AppError `not_found`
 */
export async function listGateways(
  deps: Pick<ServiceContext, "db" | "live" | "now">,
  actor: Actor,
  input: { readonly clusterId: string },
): Promise<GatewayListDto> {
  requireRole(actor, "viewer");
  const cluster = await getClusterRow(deps.db, input.clusterId);
  const stored = await loadSnapshots(deps, cluster.id);
  const links = deps.live.relays.linksOfCluster(cluster.id);
  const snapshots = currentSnapshots(stored, links, deps.now()) ?? stored;
  const rows = await deps.db.tunnel.findMany({
    where: { clusterId: cluster.id },
    include: WITH_CLUSTER_AND_LEASE,
  });
  const tunnelIds = new Map(rows.map((row) => [keyTextOf(row), row.id]));
  const byGateway = Map.groupBy(
    unionOf(snapshots).values(),
    ({ gateway }) => `${gateway.namespace}/${gateway.name}`,
  );
  return GatewayListDto.parse({
    items: [...byGateway.values()].map((listeners) => toGateway(cluster.id, listeners, tunnelIds)),
    nextCursor: null,
    problems: [
      ...pendingOf(links),
      ...snapshots.flatMap(({ agentId, inventory }) =>
        inventory.problems.map((problem) => ({ agentId, ...problem })),
      ),
    ],
  });
}

/** Why agents report nothing; each says it on all its links. */
function pendingOf(links: readonly LiveLink[]) {
  const byAgent = new Map(links.map(({ agentId, pending }) => [agentId, pending]));
  return [...byAgent].flatMap(([agentId, pending]) =>
    (pending ?? []).map((problem) => ({ agentId, ...problem })),
  );
}

function toGateway(
  clusterId: string,
  listeners: readonly UnionListener[],
  tunnelIds: ReadonlyMap<string, string>,
) {
  const gateway = listeners[0]?.gateway;
  return {
    clusterId,
    namespace: gateway?.namespace,
    name: gateway?.name,
    addresses: gateway?.addresses,
    listeners: listeners.map((union) => ({
      name: union.listener.name,
      port: union.listener.port,
      protocol: union.listener.protocol,
      hostnames: union.listener.hostname === null ? [] : [union.listener.hostname],
      routes: union.listener.routes,
      backends: union.listener.backends,
      tunnelId: tunnelIds.get(listenerKeyText(union.key)) ?? null,
      problem: toSpec(union).problem,
      problemCode: union.listener.problemCode,
    })),
  };
}
