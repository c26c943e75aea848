import { CLOSE_REASONS, CloseReason } from "#protocol/api/connections.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

const FAILURES = CloseReason.options.filter((reason) => CLOSE_REASONS[reason].failed);
const LAST_ERRORS_MS = 3_600_000;

/** Brings totals, the last errors and what was audited of direct addresses back into memory, before relays connect. Call it once. */
export async function seedLiveState(
  deps: Pick<ServiceContext, "db" | "now" | "live">,
): Promise<void> {
  const counters = await deps.db.tunnelCounter.findMany();
  deps.live.counters.seed(
    counters.map(({ tunnelId, relayInstance, bytesIn, bytesOut, opened, failed }) => ({
      tunnelId,
      relayInstance,
      bytesIn: Number(bytesIn),
      bytesOut: Number(bytesOut),
      opened: Number(opened),
      failed: Number(failed),
    })),
  );
  await seedOutcomes(deps);
  await seedReach(deps);
}

/** What is stored of the last hour. Not of HTTP: few requests become rows, the slow ones, and the next one tells. */
async function seedOutcomes({
  db,
  live,
  now,
}: Pick<ServiceContext, "db" | "now" | "live">): Promise<void> {
  const since = new Date(now().getTime() - LAST_ERRORS_MS);
  const newest = await db.connection.groupBy({
    by: ["tunnelId", "closeReason"],
    where: { request: null, closeReason: { in: FAILURES }, closedAt: { gte: since } },
    _max: { closedAt: true },
  });
  for (const { tunnelId, closeReason, _max } of newest) {
    const reason = CloseReason.safeParse(closeReason);
    if (!reason.success || _max.closedAt === null) continue;
    live.outcomes.failed(tunnelId, { reason: reason.data, at: _max.closedAt.getTime() });
  }
  const answered = await db.connection.groupBy({
    by: ["tunnelId"],
    where: {
      request: null,
      openLatencyMs: { not: null },
      closeReason: { notIn: FAILURES },
      closedAt: { gte: since },
    },
    _max: { openedAt: true },
  });
  for (const { tunnelId, _max } of answered) {
    if (_max.openedAt !== null) live.outcomes.answered(tunnelId, _max.openedAt.getTime());
  }
}

/** What the audit trail said last of each tunnel's direct address. */
async function seedReach({ db, live }: Pick<ServiceContext, "db" | "live">): Promise<void> {
  const newest = await db.auditEvent.groupBy({
    by: ["objectId", "action"],
    where: { action: { in: ["tunnel.direct_verified", "tunnel.direct_lost"] } },
    // Ids are in the order of time, also within one millisecond.
    _max: { id: true },
    orderBy: { _max: { id: "asc" } },
  });
  for (const { objectId, action } of newest) {
    if (objectId !== null) live.auditedReach.set(objectId, action === "tunnel.direct_verified");
  }
}
