import { Inventory } from "#protocol/control/inventory.ts";
import type { Queries } from "#server/db/db.ts";
import type { AgentSnapshot } from "./union.ts";

/** An agent that lost its link still counts for this long: most come back within seconds, milliseconds. */
export const ABSENCE_GRACE_MS = 300_000;

export interface StoredSnapshot extends AgentSnapshot {
  readonly agentName: string;
  readonly lastSeenAt: Date;
}

/** Every snapshot stored for a cluster. */
export async function loadSnapshots(
  db: Queries,
  clusterId: string,
): Promise<readonly StoredSnapshot[]> {
  const agents = await db.agent.findMany({
    where: { clusterId, inventory: { isNot: null } },
    include: { inventory: true },
  });
  return agents.flatMap(({ id: agentId, name: agentName, lastSeenAt, inventory: stored }) => {
    if (stored === null) return [];
    // One written by another version counts for nothing; the agent sends it again when it reconnects.
    const inventory = Inventory.safeParse(JSON.parse(stored.snapshot));
    if (!inventory.success) return [];
    const { receivedAt } = stored;
    return { agentId, agentName, lastSeenAt, receivedAt, inventory: inventory.data };
  });
}

/**
 * The snapshots that make up what a cluster offers now: those of connected agents, and of agents that left a moment ago.
 *
 * @returns null when no agent is connected: the last union stands.
 */
export function currentSnapshots(
  stored: readonly StoredSnapshot[],
  connected: ReadonlySet<string>,
  now: Date,
): readonly StoredSnapshot[] | null {
  if (connected.size === 0) return null;
  const current = stored.filter(
    ({ agentId, lastSeenAt }) =>
      connected.has(agentId) || now.getTime() - lastSeenAt.getTime() < ABSENCE_GRACE_MS,
  );
  // A connected agent that has not said yet what it sees must not empty the cluster.
  return current.some(({ agentId }) => connected.has(agentId)) ? current : null;
}
