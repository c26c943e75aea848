import { Inventory } from "#protocol/control/inventory.ts";
import type { Queries } from "#server/db/db.ts";
import type { LiveState } from "#server/services/live-state.ts";
import type { AgentSnapshot } from "./union.ts";

/** An agent that lost its link still counts for this long: most come back within seconds, milliseconds. */
export const ABSENCE_GRACE_MS = 300_000;

export interface StoredSnapshot extends AgentSnapshot {
  readonly agentName: string;
  readonly lastSeenAt: Date;
  /** False where nobody has said it since the agent's links are what they are: it was stored. */
  readonly isReported: boolean;
}

/**
 * The newest snapshot of every agent of a cluster: from memory where a relay holds a link of it, else as it was stored.
 */
export async function loadSnapshots(
  { db, live }: { readonly db: Queries; readonly live: Pick<LiveState, "relays"> },
  clusterId: string,
): Promise<readonly StoredSnapshot[]> {
  const agents = await db.agent.findMany({ where: { clusterId } });
  const reports = new Map(agents.map(({ id }) => [id, live.relays.inventoryOf(id)]));
  const silent = agents.filter(({ id }) => reports.get(id) === null).map(({ id }) => id);
  const rows = await db.agentInventory.findMany({ where: { agentId: { in: silent } } });
  const stored = new Map(rows.map((row) => [row.agentId, row]));
  return agents.flatMap(({ id: agentId, name: agentName, lastSeenAt }) => {
    const reported = reports.get(agentId) ?? null;
    const report = reported ?? parseStored(stored.get(agentId));
    if (report === null) return [];
    const { inventory, receivedAt } = report;
    const isReported = reported !== null;
    return { agentId, agentName, lastSeenAt, receivedAt, inventory, isReported };
  });
}

function parseStored(
  row: { readonly snapshot: string; readonly receivedAt: Date } | undefined,
): { readonly inventory: Inventory; readonly receivedAt: Date } | null {
  if (row === undefined) return null;
  // One written by another version counts for nothing; the agent sends it again when it reconnects.
  const { success, data } = Inventory.safeParse(JSON.parse(row.snapshot));
  return success ? { inventory: data, receivedAt: row.receivedAt } : null;
}

/**
 * The snapshots that make up what a cluster offers now: those of connected agents, and of agents that left a moment ago.
 * An agent that connects and does not say what it sees counts like one that left when it connected.
 *
 * @returns null when no agent is connected that could know: the last union stands.
 */
export function currentSnapshots(
  stored: readonly StoredSnapshot[],
  links: readonly { readonly agentId: string; readonly since: number }[],
  now: Date,
): readonly StoredSnapshot[] | null {
  const since = new Map<string, number>();
  for (const link of links) {
    since.set(link.agentId, Math.max(link.since, since.get(link.agentId) ?? link.since));
  }
  const current = stored.filter(({ agentId, lastSeenAt, isReported }) => {
    const spokeAtMs = since.get(agentId) ?? lastSeenAt.getTime();
    return (since.has(agentId) && isReported) || now.getTime() - spokeAtMs < ABSENCE_GRACE_MS;
  });
  // A connected agent that has not said yet what it sees must not empty the cluster.
  return current.some(({ agentId }) => since.has(agentId)) ? current : null;
}
