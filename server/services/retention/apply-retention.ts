import { transaction } from "#server/db/db.ts";
import { KEPT_SLACK_MS, METRIC_STEPS } from "#server/services/metrics/steps.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

const DAY_MS = 86_400_000;
/** Closed connections are kept this long … */
export const CONNECTIONS_KEPT_MS = 30 * DAY_MS;
/** … and never more than this many. */
export const CONNECTIONS_KEPT_MAX = 1_000_000;
const AUDIT_KEPT_MS = 730 * DAY_MS;
/** Counters of a relay start that ended longer ago are added up into one row. */
const COUNTERS_APART_MS = DAY_MS;
const FOLDED = "";

/** Deletes what is older than it is kept for. Idempotent; called every few minutes. */
export async function applyRetention(
  deps: Pick<ServiceContext, "db" | "now" | "live">,
): Promise<void> {
  const now = deps.now().getTime();
  const before = (keptMs: number): Date => new Date(now - keptMs);
  for (const { seconds, keptMs } of METRIC_STEPS) {
    const at = { lt: before(keptMs + KEPT_SLACK_MS) };
    await deps.db.metricPoint.deleteMany({ where: { step: seconds, at } });
  }
  await deps.db.connection.deleteMany({
    where: { closedAt: { lt: before(CONNECTIONS_KEPT_MS) } },
  });
  await boundConnections(deps);
  await deps.db.auditEvent.deleteMany({ where: { at: { lt: before(AUDIT_KEPT_MS) } } });
  await deps.db.oneTimeLink.deleteMany({ where: { expiresAt: { lt: before(DAY_MS) } } });
  await deps.db.session.deleteMany({ where: { expiresAt: { lt: before(0) } } });
  await deps.db.verification.deleteMany({ where: { expiresAt: { lt: before(0) } } });
  await foldCounters(deps, before(COUNTERS_APART_MS));
}

async function boundConnections(deps: Pick<ServiceContext, "db">): Promise<void> {
  const [first] = await deps.db.connection.findMany({
    orderBy: [{ closedAt: "desc" }, { id: "desc" }],
    skip: CONNECTIONS_KEPT_MAX,
    take: 1,
    select: { closedAt: true },
  });
  if (first === undefined) return;
  await deps.db.connection.deleteMany({ where: { closedAt: { lte: first.closedAt } } });
}

/** Keeps one row for each tunnel's past instead of one for every start of every relay. Sums stay as they are. */
async function foldCounters(
  deps: Pick<ServiceContext, "db" | "live" | "now">,
  before: Date,
): Promise<void> {
  const running = deps.live.relays.list().map((relay) => relay.hello.instanceId);
  const where = {
    updatedAt: { lt: before },
    relayInstance: { notIn: [FOLDED, ...running] },
  };
  await transaction(deps.db, async (tx) => {
    const old = await tx.tunnelCounter.groupBy({
      by: ["tunnelId"],
      where,
      _sum: { bytesIn: true, bytesOut: true, opened: true, failed: true },
    });
    for (const { tunnelId, _sum } of old) {
      const sums = {
        bytesIn: _sum.bytesIn ?? 0n,
        bytesOut: _sum.bytesOut ?? 0n,
        opened: _sum.opened ?? 0n,
        failed: _sum.failed ?? 0n,
      };
      await tx.tunnelCounter.upsert({
        where: { tunnelId_relayInstance: { tunnelId, relayInstance: FOLDED } },
        create: { tunnelId, relayInstance: FOLDED, ...sums, updatedAt: deps.now() },
        update: {
          bytesIn: { increment: sums.bytesIn },
          bytesOut: { increment: sums.bytesOut },
          opened: { increment: sums.opened },
          failed: { increment: sums.failed },
        },
      });
    }
    await tx.tunnelCounter.deleteMany({ where });
  });
}
