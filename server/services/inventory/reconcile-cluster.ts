import type { ClusterType } from "#protocol/api/routing.ts";
import { transaction } from "#server/db/db.ts";
import type { Change } from "#server/services/changes.ts";
import { clusterTypeOf, privateAt } from "#server/services/clusters/cluster-type.ts";
import { moveFailedLeases, noteListening } from "#server/services/leases/follow-listeners.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { followReach } from "#server/services/tunnels/follow-reach.ts";
import { WITH_CLUSTER_AND_LEASE } from "#server/services/tunnels/tunnel-row.ts";
import { parseTunnelSpec } from "#server/services/tunnels/tunnel-spec.ts";
import { noteSeen } from "#server/services/agents/record-agent.ts";
import { applyPlan, type Applying } from "./apply-plan.ts";
import { currentSnapshots, loadSnapshots } from "./load-snapshots.ts";
import { planTunnels, type TunnelPlan } from "./plan-tunnels.ts";
import { troubleOf } from "./tunnel-trouble.ts";
import { unionOf } from "./union.ts";
import { updateClusterFacts } from "./update-cluster-facts.ts";

export type ReconcileDeps = Pick<
  ServiceContext,
  "db" | "now" | "changes" | "live" | "installation" | "hostNames"
>;

export interface Reconciled {
  /** When to run again although nothing happens in between; null when there is no need. */
  readonly dueAt: Date | null;
  readonly type: ClusterType;
}

/** Rows of one kind written in one transaction: everybody else who writes waits for it. */
const ROWS_AT_ONCE = 200;

/**
 * Makes a cluster's tunnels match what its agents see and what relays say: creates, updates, closes and removes them,
 * binds their ports and sets their phases.
 *
 * Idempotent: run again without news, it changes nothing. While no relay has spoken it does nothing, because then
 * absence means nothing.
 *
 * Order: never twice at once for the same cluster; `ClusterReconciler` sees to that.
 *
 * @returns null when nothing could be said about the cluster.
 */
export async function reconcileCluster(
  deps: ReconcileDeps,
  clusterId: string,
): Promise<Reconciled | null> {
  if (!deps.live.relays.isInformed) return null;
  const at = deps.now();
  const links = deps.live.relays.linksOfCluster(clusterId);
  const outcome = await transaction(deps.db, async (tx) => {
    const cluster = await tx.cluster.findUnique({ where: { id: clusterId } });
    if (cluster === null) return null;
    const changes: Change[] = [];
    const applying: Applying = { deps, tx, cluster, at, changes, nameMoves: [] };
    await noteSeen(tx, links);
    await noteListening(tx, deps.live, clusterId, at);
    changes.push(...(await moveFailedLeases(tx, deps, clusterId)));
    const stored = await loadSnapshots({ db: tx, live: deps.live }, clusterId);
    const current = currentSnapshots(stored, links, at);
    const plan = bounded(await planFor(applying, current), at);
    await applyPlan(applying, plan);
    const facts = await updateClusterFacts(tx, cluster, { deps, current, links, at });
    changes.push(...facts.changes);
    const reach = await followReach(tx, deps, clusterId, at);
    changes.push(...reach.changes);
    return { plan, changes, cluster: facts, reach, haveNamesMoved: applying.nameMoves.length > 0 };
  });
  if (outcome === null) return null;
  for (const { id } of outcome.plan.remove) deps.live.forgetTunnel(id);
  for (const [id, isVerified] of outcome.reach.audited) deps.live.auditedReach.set(id, isVerified);
  if (outcome.haveNamesMoved) deps.hostNames.changed();
  deps.changes.publish(...outcome.changes);
  // What was too much for one run follows at once, as long as there is progress.
  const isStuck = outcome.plan.dueAt === at && outcome.changes.length === 0;
  const planDueAt = isStuck ? null : outcome.plan.dueAt;
  const type = clusterTypeOf(outcome.cluster, at);
  const typeDueAt = type === "unknown" ? privateAt(outcome.cluster) : null;
  const reachDueAt = outcome.reach.hasMore ? at : null;
  return { dueAt: earlier(earlier(planDueAt, typeDueAt), reachDueAt), type };
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

async function planFor(
  { deps, tx, cluster, at }: Applying,
  current: Awaited<ReturnType<typeof loadSnapshots>> | null,
): Promise<TunnelPlan> {
  const rows = await tx.tunnel.findMany({
    where: { clusterId: cluster.id },
    include: WITH_CLUSTER_AND_LEASE,
  });
  return planTunnels({
    rows,
    union: current === null ? null : unionOf(current),
    now: at,
    specOf: (row) => parseTunnelSpec(row.spec),
    liveFactsOf: (row, spec) => ({
      trouble: troubleOf(deps.live, { tunnelId: row?.id ?? null, cluster }, spec),
      openConnections: row === null ? 0 : deps.live.connections.count({ tunnelId: row.id }),
    }),
  });
}

/** Takes the first few of each kind; the rest follows at once, in a transaction of its own. */
function bounded(plan: TunnelPlan, now: Date): TunnelPlan {
  const lists = [plan.create, plan.update, plan.close, plan.remove];
  if (lists.every(({ length }) => length <= ROWS_AT_ONCE)) return plan;
  // Those that wait for a port may wait long: they must not keep others from their turn.
  const update = [...plan.update].sort((a, b) => Number(a.needsLease) - Number(b.needsLease));
  return {
    create: plan.create.slice(0, ROWS_AT_ONCE),
    update: update.slice(0, ROWS_AT_ONCE),
    close: plan.close.slice(0, ROWS_AT_ONCE),
    remove: plan.remove.slice(0, ROWS_AT_ONCE),
    dueAt: now,
  };
}
