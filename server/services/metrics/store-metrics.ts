import { transaction, type Tx } from "#server/db/db.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import type { CounterRow } from "#server/services/live/counter-book.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { MetricRollup, MetricStep } from "./metric-rollup.ts";
import { FINEST_SECONDS, FLEET_SCOPE, METRIC_STEPS, floorTo } from "./steps.ts";

type PointRow = Prisma.MetricPointCreateManyInput;
/** Rows in one statement: well below SQLite's bound on parameters. */
const BATCH_ROWS = 1_000;

/**
 * Writes what is over: the collected steps, the counters behind all totals, and the coarser steps made from finer ones.
 *
 * Called every few seconds, and at shutdown with the unfinished step. Repeating it changes nothing.
 */
export async function storeMetrics(
  deps: Pick<ServiceContext, "db" | "now" | "live">,
  rollup: MetricRollup,
  options: { readonly withUnfinished?: boolean } = {},
): Promise<void> {
  const now = deps.now();
  // After a restart the second half of an unfinished step is added to the first.
  const until = now.getTime() + (options.withUnfinished === true ? FINEST_SECONDS * 1_000 : 0);
  const steps = rollup.take(until, openByScope(deps.live));
  const byTime = Map.groupBy(steps, (step) => step.at);
  try {
    for (const [at, points] of byTime) {
      await transaction(deps.db, (tx) => writeFinest(tx, new Date(at), points));
      byTime.delete(at);
    }
  } finally {
    // Empty, unless the database refused: then next time.
    rollup.putBack([...byTime.values()].flat());
  }
  await storeCounters(deps);
  for (let i = 1; i < METRIC_STEPS.length; i++) {
    const [finer, coarser] = [METRIC_STEPS[i - 1], METRIC_STEPS[i]];
    if (finer === undefined || coarser === undefined) continue;
    await coarsen(deps, { from: finer.seconds, to: coarser.seconds, now });
  }
}

/** Writes the absolute counters that changed since the last time. */
export async function storeCounters(deps: Pick<ServiceContext, "db" | "now" | "live">) {
  const rows = deps.live.counters.takeDirty();
  if (rows.length === 0) return;
  try {
    await transaction(deps.db, (tx) => writeCounters(tx, rows, deps.now()));
  } catch (error) {
    deps.live.counters.putBack(rows);
    throw error;
  }
}

async function writeCounters(tx: Tx, rows: readonly CounterRow[], updatedAt: Date): Promise<void> {
  const existing = await tx.tunnel.findMany({
    where: { id: { in: [...new Set(rows.map((row) => row.tunnelId))] } },
    select: { id: true },
  });
  const ids = new Set(existing.map(({ id }) => id));
  for (const { tunnelId, relayInstance, bytesIn, bytesOut, opened, failed } of rows) {
    if (!ids.has(tunnelId)) continue;
    const facts = {
      bytesIn: BigInt(bytesIn),
      bytesOut: BigInt(bytesOut),
      opened: BigInt(opened),
      failed: BigInt(failed),
      updatedAt,
    };
    await tx.tunnelCounter.upsert({
      where: { tunnelId_relayInstance: { tunnelId, relayInstance } },
      create: { tunnelId, relayInstance, ...facts },
      update: facts,
    });
  }
}

/** Open connections of every tunnel, every cluster and the fleet; only what has any. */
function openByScope(live: ServiceContext["live"]): ReadonlyMap<string, number> {
  const open = new Map<string, number>();
  for (const { tunnelId, clusterId } of live.connections.list({})) {
    for (const scope of [FLEET_SCOPE, clusterId, tunnelId]) {
      open.set(scope, (open.get(scope) ?? 0) + 1);
    }
  }
  return open;
}

/** A restart in the middle of a step leaves a first half in the database: the second is added to it. */
async function writeFinest(tx: Tx, at: Date, points: readonly MetricStep[]): Promise<void> {
  const where = { step: FINEST_SECONDS, at };
  const stored = await tx.metricPoint.findMany({ where });
  const halves = new Map(stored.map((row) => [row.scope, row]));
  const rows = points.map((point): PointRow => {
    const half = halves.get(point.scope);
    halves.delete(point.scope);
    return {
      scope: point.scope,
      step: FINEST_SECONDS,
      at,
      bytesIn: BigInt(point.bytesIn) + (half?.bytesIn ?? 0n),
      bytesOut: BigInt(point.bytesOut) + (half?.bytesOut ?? 0n),
      opened: point.opened + (half?.opened ?? 0),
      failed: point.failed + (half?.failed ?? 0),
      open: point.open,
    };
  });
  await tx.metricPoint.deleteMany({ where: { ...where, scope: { in: rows.map((r) => r.scope) } } });
  await insert(tx, rows);
}

/** Makes every coarse step that is over and not made yet, as far back as finer ones are kept. */
async function coarsen(
  deps: Pick<ServiceContext, "db">,
  { from, to, now }: { readonly from: number; readonly to: number; readonly now: Date },
): Promise<void> {
  const end = floorTo(now.getTime(), to);
  const newest = await deps.db.metricPoint.findFirst({
    where: { scope: FLEET_SCOPE, step: to },
    orderBy: { at: "desc" },
  });
  let since = newest === null ? 0 : newest.at.getTime() + to * 1_000;
  for (;;) {
    // From one finer step to the next, over any time in which nothing was measured.
    const next = await deps.db.metricPoint.findFirst({
      where: { scope: FLEET_SCOPE, step: from, at: { gte: new Date(since), lt: new Date(end) } },
      orderBy: { at: "asc" },
    });
    if (next === null) return;
    const at = floorTo(next.at.getTime(), to);
    await transaction(deps.db, (tx) => coarsenOne(tx, { from, to, at }));
    since = at + to * 1_000;
  }
}

async function coarsenOne(
  tx: Tx,
  { from, to, at }: { readonly from: number; readonly to: number; readonly at: number },
): Promise<void> {
  const span = { gte: new Date(at), lt: new Date(at + to * 1_000) };
  const sums = await tx.metricPoint.groupBy({
    by: ["scope"],
    where: { step: from, at: span },
    _sum: { bytesIn: true, bytesOut: true, opened: true, failed: true },
  });
  if (sums.length === 0) return;
  const lastAt = new Date(at + (to - from) * 1_000);
  const last = await tx.metricPoint.findMany({ where: { step: from, at: lastAt } });
  const open = new Map(last.map((row) => [row.scope, row.open]));
  await tx.metricPoint.deleteMany({ where: { step: to, at: new Date(at) } });
  await insert(
    tx,
    sums.map(({ scope, _sum }) => ({
      scope,
      step: to,
      at: new Date(at),
      bytesIn: _sum.bytesIn ?? 0n,
      bytesOut: _sum.bytesOut ?? 0n,
      opened: _sum.opened ?? 0,
      failed: _sum.failed ?? 0,
      open: open.get(scope) ?? 0,
    })),
  );
}

async function insert(tx: Tx, rows: readonly PointRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    await tx.metricPoint.createMany({ data: rows.slice(start, start + BATCH_ROWS) });
  }
}
