import { z } from "zod";
import { AgentDto } from "#protocol/api/clusters.ts";
import { PAGE_LIMIT_MAX, type Page } from "#protocol/api/common.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { LiveLink } from "#server/services/live/live-relays.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

const Capabilities = z.array(z.string());

/**
 * A cluster's agents, the connected ones first.
 *
 * @throws AppError `not_found`
 */
export async function listAgents(
  deps: Pick<ServiceContext, "db" | "live">,
  actor: Actor,
  input: { readonly clusterId: string },
): Promise<Page<AgentDto>> {
  requireRole(actor, "viewer");
  const cluster = await getClusterRow(deps.db, input.clusterId);
  const rows = await deps.db.agent.findMany({
    where: { clusterId: cluster.id },
    orderBy: [{ lastSeenAt: "desc" }, { id: "asc" }],
    take: PAGE_LIMIT_MAX,
  });
  const linksOf = Map.groupBy(
    deps.live.relays.linksOfCluster(cluster.id),
    (link): string => link.agentId,
  );
  const items = rows.map((row) => {
    const links = linksOf.get(row.id) ?? [];
    const lastSeenAt = Math.max(row.lastSeenAt.getTime(), ...links.map((link) => link.lastSeenAt));
    return AgentDto.parse({
      id: row.id,
      clusterId: row.clusterId,
      name: row.name,
      instanceId: row.instanceId,
      version: row.version,
      capabilities: Capabilities.parse(JSON.parse(row.capabilities)),
      relays: links.map(({ relayId, rttMs, since }) => ({
        relayId,
        rttMs,
        since: new Date(since).toISOString(),
      })),
      streams: links.reduce((sum, link) => sum + link.streams, 0),
      status: statusOf(links),
      pending: links.flatMap(({ pending }) => pending ?? [])[0]?.reason ?? null,
      startedAt: row.startedAt.toISOString(),
      lastSeenAt: new Date(lastSeenAt).toISOString(),
    });
  });
  const order = { connected: 0, draining: 1, offline: 2 };
  return { items: items.sort((a, b) => order[a.status] - order[b.status]), nextCursor: null };
}

function statusOf(links: readonly LiveLink[]): AgentDto["status"] {
  if (links.length === 0) return "offline";
  return links.every((link) => link.draining) ? "draining" : "connected";
}
