import { ClusterDto, type ClusterStatus } from "#protocol/api/clusters.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import { addTotals, NO_TOTALS, type TunnelTotals } from "#server/services/live/counter-book.ts";
import type { LiveLink } from "#server/services/live/live-relays.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toForcedBy } from "#server/services/tunnels/tunnel-view.ts";
import { clusterTypeOf } from "./cluster-type.ts";

export type ClusterViewDeps = Pick<ServiceContext, "db" | "now" | "live">;
export type ClusterRow = Prisma.ClusterGetPayload<object>;

/** An agent that has been away for longer is not missed: it was replaced or renamed, milliseconds. */
const MISSED_FOR_MS = 24 * 3_600_000;

interface Around {
  readonly tunnels: readonly {
    readonly id: string;
    readonly clusterId: string;
    readonly phase: string;
  }[];
  readonly agents: readonly {
    readonly id: string;
    readonly clusterId: string;
    readonly lastSeenAt: Date;
  }[];
}

/** Turns rows into what the API shows, with two queries however many rows there are. */
export async function viewClusters(
  deps: ClusterViewDeps,
  rows: readonly ClusterRow[],
): Promise<ClusterDto[]> {
  const clusterId = { in: rows.map((row) => row.id) };
  const [tunnels, agents] = await Promise.all([
    deps.db.tunnel.findMany({
      where: { clusterId },
      select: { id: true, clusterId: true, phase: true },
    }),
    deps.db.agent.findMany({
      where: { clusterId },
      select: { id: true, clusterId: true, lastSeenAt: true },
    }),
  ]);
  const tunnelsOf = Map.groupBy(tunnels, (tunnel) => tunnel.clusterId);
  const agentsOf = Map.groupBy(agents, (agent) => agent.clusterId);
  return rows.map((row) =>
    viewCluster(deps, row, {
      tunnels: tunnelsOf.get(row.id) ?? [],
      agents: agentsOf.get(row.id) ?? [],
    }),
  );
}

function viewCluster(deps: ClusterViewDeps, row: ClusterRow, around: Around): ClusterDto {
  const now = deps.now();
  const links = deps.live.relays.linksOfCluster(row.id);
  const agents = countAgents(links, around.agents, now);
  const past: TunnelTotals = {
    ...NO_TOTALS,
    bytesIn: Number(row.pastBytesIn),
    bytesOut: Number(row.pastBytesOut),
  };
  const totals = around.tunnels
    .map((tunnel) => deps.live.counters.totalsOf(tunnel.id))
    .reduce(addTotals, past);
  const lastSeen = Math.max(
    row.lastSeenAt?.getTime() ?? 0,
    ...links.map((link) => link.lastSeenAt),
  );
  return ClusterDto.parse({
    id: row.id,
    name: row.name,
    status: statusOf(deps, row, agents),
    type: clusterTypeOf(row, now),
    forceTunnel: row.forcedBy !== null,
    forcedBy: toForcedBy(row.forcedBy, row.forcedAt),
    agents,
    kubernetesVersion: row.kubernetesVersion,
    discovery: row.discovery,
    tunnels: {
      active: around.tunnels.filter((tunnel) => tunnel.phase === "active").length,
      total: around.tunnels.length,
    },
    connections: { open: deps.live.connections.count({ clusterId: row.id }) },
    bytes: { in: totals.bytesIn, out: totals.bytesOut },
    lastSeenAt: lastSeen === 0 ? null : new Date(lastSeen).toISOString(),
    createdAt: row.createdAt.toISOString(),
  });
}

function countAgents(links: readonly LiveLink[], agents: Around["agents"], now: Date) {
  const connected = new Set(links.map((link) => link.agentId as string));
  if (connected.size === 0) return { connected: 0, total: agents.length };
  const missed = agents.filter(
    ({ id, lastSeenAt }) =>
      !connected.has(id) && now.getTime() - lastSeenAt.getTime() < MISSED_FOR_MS,
  );
  return { connected: connected.size, total: connected.size + missed.length };
}

function statusOf(
  deps: ClusterViewDeps,
  row: ClusterRow,
  agents: { readonly connected: number; readonly total: number },
): ClusterStatus {
  // Until a relay has spoken, absence means nothing and what was known last stands.
  if (agents.connected === 0 && !deps.live.relays.isInformed && row.isConnected) return "connected";
  if (agents.connected > 0) return agents.connected < agents.total ? "degraded" : "connected";
  return row.lastSeenAt === null ? "waiting" : "offline";
}
