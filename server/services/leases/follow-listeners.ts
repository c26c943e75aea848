import type { Tx } from "#server/db/db.ts";
import type { Change } from "#server/services/changes.ts";
import type { LiveState } from "#server/services/live-state.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { allocateLease } from "./allocate-lease.ts";

/** Other ports tried for a tunnel that could never be listened on. */
const MOVES_MAX = 16;

/** Remembers which leased ports were listened on: those are never moved. */
export async function noteListening(
  tx: Tx,
  live: Pick<LiveState, "relays">,
  clusterId: string,
  at: Date,
): Promise<void> {
  const fresh = await tx.portLease.findMany({
    where: { listenedAt: null, tunnel: { clusterId } },
    select: { tunnelId: true, port: true },
  });
  for (const { tunnelId, port } of fresh) {
    const isListening = live.relays
      .listenersOf(tunnelId)
      .some((listener) => listener.state === "listening" && listener.port === port);
    if (isListening) {
      await tx.portLease.update({ where: { tunnelId }, data: { listenedAt: at } });
    }
  }
}

/**
 * Gives a tunnel another port where a relay could not open the first it got: somebody else has it.
 *
 * Only before anybody could use it; a port that once worked is kept, whatever happens, because clients know it.
 */
export async function moveFailedLeases(
  tx: Tx,
  deps: Pick<ServiceContext, "live" | "installation" | "now">,
  clusterId: string,
): Promise<readonly Change[]> {
  const fresh = await tx.portLease.findMany({
    where: { listenedAt: null, moves: { lt: MOVES_MAX }, tunnel: { clusterId } },
    select: { tunnelId: true, port: true, moves: true },
  });
  const changes: Change[] = [];
  for (const { tunnelId, port, moves } of fresh) {
    const listeners = deps.live.relays
      .listenersOf(tunnelId)
      .filter((listener) => listener.port === port);
    if (!listeners.some((listener) => listener.state === "failed")) continue;
    await tx.portLease.delete({ where: { tunnelId } });
    await allocateLease(tx, {
      tunnelId,
      ports: deps.installation.relayPorts,
      at: deps.now(),
      moves: moves + 1,
    });
    changes.push({ kind: "tunnel", id: tunnelId, clusterId });
  }
  return changes;
}
