import type { LinkState } from "#protocol/relay/events.ts";
import { transaction, type Tx } from "#server/db/db.ts";
import type { LiveLink } from "#server/services/live/live-relays.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/**
 * Stores what an agent said of itself when its link became ready. Idempotent.
 *
 * @returns false when its cluster is gone: there is nothing to store it under.
 */
export async function recordAgent(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  link: LinkState,
): Promise<boolean> {
  const seenAt = new Date(link.lastSeenAt);
  const isStored = await transaction(deps.db, async (tx) => {
    const cluster = await tx.cluster.updateMany({
      where: { id: link.clusterId },
      data: { lastSeenAt: seenAt },
    });
    if (cluster.count === 0) return false;
    const facts = {
      instanceId: link.instanceId,
      version: link.version,
      capabilities: JSON.stringify(link.capabilities),
      forceTunnelMode: link.forceTunnelMode,
      dualModeEnabled: link.dualModeEnabled,
      startedAt: new Date(link.startedAt),
      lastSeenAt: seenAt,
    };
    await tx.agent.upsert({
      where: { id: link.agentId },
      create: {
        id: link.agentId,
        clusterId: link.clusterId,
        name: link.agentName,
        createdAt: deps.now(),
        ...facts,
      },
      update: facts,
    });
    await tx.agentToken.updateMany({ where: { id: link.tokenId }, data: { lastUsedAt: seenAt } });
    return true;
  });
  if (isStored) deps.changes.publish({ kind: "cluster", id: link.clusterId });
  return isStored;
}

/** How far the stored time may lag behind while a link is up, milliseconds. */
const SEEN_LAG_MS = 60_000;

/** Stores when connected agents were last heard of, so that a restart of this process does not make them look long gone. */
export async function noteSeen(tx: Tx, links: readonly LiveLink[]): Promise<void> {
  for (const { agentId, lastSeenAt } of links) {
    await tx.agent.updateMany({
      where: { id: agentId, lastSeenAt: { lt: new Date(lastSeenAt - SEEN_LAG_MS) } },
      data: { lastSeenAt: new Date(lastSeenAt) },
    });
  }
}

/** Stores when an agent and its cluster were last heard of. */
export async function recordAgentSeen(
  deps: Pick<ServiceContext, "db">,
  seen: { readonly agentId: string; readonly clusterId: string; readonly at: Date },
): Promise<void> {
  await transaction(deps.db, async (tx) => {
    await tx.agent.updateMany({ where: { id: seen.agentId }, data: { lastSeenAt: seen.at } });
    await tx.cluster.updateMany({ where: { id: seen.clusterId }, data: { lastSeenAt: seen.at } });
  });
}
