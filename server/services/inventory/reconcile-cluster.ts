import type { ClusterType } from "#protocol/api/routing.ts";
import { transaction, type Tx } from "#server/db/db.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import { clusterTypeOf, privateAt } from "#server/services/clusters/cluster-type.ts";
import { allocateLease } from "#server/services/leases/allocate-lease.ts";
import { moveFailedLeases, noteListening } from "#server/services/leases/follow-listeners.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { tunnelName, type NamedRow } from "#server/services/tunnels/tunnel-name.ts";
import { followReach } from "#server/services/tunnels/follow-reach.ts";
import { WITH_CLUSTER_AND_LEASE, type TunnelRow } from "#server/services/tunnels/tunnel-row.ts";
import { parseTunnelSpec } from "#server/services/tunnels/tunnel-spec.ts";
import { vanishedPhase } from "#server/services/tunnels/tunnel-phase.ts";
import { TunnelPhase } from "#protocol/api/tunnels.ts";
import { noteSeen } from "#server/services/agents/record-agent.ts";
import { currentSnapshots, loadSnapshots } from "./load-snapshots.ts";
import { planTunnels, type PlannedTunnel, type TunnelPlan } from "./plan-tunnels.ts";
import { troubleOf } from "./tunnel-trouble.ts";
import { unionOf } from "./union.ts";
import { updateClusterFacts } from "./update-cluster-facts.ts";

export type ReconcileDeps = Pick<
  ServiceContext,
  "db" | "now" | "changes" | "live" | "installation"
>;

export interface Reconciled {
  /** When to run again although nothing happens in between; null when there is no need. */
  readonly dueAt: Date | null;
  readonly type: ClusterType;
}

/** Rows of one kind written in one transaction: everybody else who writes waits for it. */
const ROWS_AT_ONCE = 200;

interface Applying {
  readonly deps: ReconcileDeps;
  readonly tx: Tx;
  readonly cluster: { readonly id: string; readonly name: string };
  readonly at: Date;
  readonly changes: Change[];
}

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
    const applying: Applying = { deps, tx, cluster, at, changes };
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
    return { plan, changes, cluster: facts, reach };
  });
  if (outcome === null) return null;
  for (const { id } of outcome.plan.remove) deps.live.forgetTunnel(id);
  for (const [id, isVerified] of outcome.reach.audited) deps.live.auditedReach.set(id, isVerified);
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

async function applyPlan(applying: Applying, plan: TunnelPlan): Promise<void> {
  const { tx, at, changes, cluster } = applying;
  for (const row of plan.remove) await removeTunnel(applying, row);
  for (const row of plan.close) {
    await tx.tunnel.updateMany({
      where: { id: row.id, phase: row.phase },
      data: {
        phase: vanishedPhase(TunnelPhase.parse(row.phase)),
        phaseReason: "Its listener is gone.",
        closingAt: at,
      },
    });
    changes.push({ kind: "tunnel", id: row.id, clusterId: cluster.id });
  }
  for (const planned of plan.update) await updateTunnel(applying, planned);
  for (const planned of plan.create) await createTunnel(applying, planned);
}

async function createTunnel(applying: Applying, planned: PlannedTunnel): Promise<void> {
  const { tx, at, cluster, changes } = applying;
  const { key } = planned.listener;
  const id = newOrderedId("tn");
  const spec = JSON.stringify(planned.spec);
  await tx.tunnel.create({
    data: {
      id,
      clusterId: cluster.id,
      namespace: key.namespace,
      gateway: key.gateway,
      protocol: key.protocol,
      port: key.port,
      hostname: key.hostname ?? "",
      spec,
      searchText: searchTextOf(planned),
      phase: "pending",
      createdAt: at,
    },
  });
  const decision = await leased(applying, id, planned);
  await tx.tunnel.update({ where: { id }, data: decision });
  changes.push({ kind: "tunnel", id, clusterId: cluster.id });
  if (decision.phase !== "pending") {
    await auditPublished(applying, { id, gateway: key.gateway, port: key.port, spec });
  }
}

async function updateTunnel(
  applying: Applying,
  planned: PlannedTunnel & { readonly row: TunnelRow },
): Promise<void> {
  const { tx, changes, cluster } = applying;
  const { row } = planned;
  const decision = await leased(applying, row.id, planned);
  const spec = JSON.stringify(planned.spec);
  // No port was left, as before.
  const isSame = row.phase === decision.phase && row.phaseReason === decision.phaseReason;
  if (isSame && row.spec === spec && row.closingAt === null && row.phase === "pending") return;
  // The phase in the condition: whoever moved it meanwhile is right, and the next reconcile looks again.
  await tx.tunnel.updateMany({
    where: { id: row.id, phase: row.phase },
    data: { spec, searchText: searchTextOf(planned), ...decision, closingAt: null },
  });
  changes.push({ kind: "tunnel", id: row.id, clusterId: cluster.id });
  const isPending = decision.phase === "pending";
  if (row.phase === "pending" && !isPending) await auditPublished(applying, { ...row, spec });
  const wasServed = row.phase === "active" || row.phase === "degraded";
  if (wasServed && isPending) await auditWithdrawn(applying, row, decision.phaseReason);
}

/** Takes a port where one is needed; without one the tunnel stays pending. */
async function leased(
  { deps, tx, at }: Applying,
  tunnelId: string,
  planned: PlannedTunnel,
): Promise<{ readonly phase: string; readonly phaseReason: string | null }> {
  if (!planned.needsLease) return planned.decision;
  const port = await allocateLease(tx, { tunnelId, ports: deps.installation.relayPorts, at });
  if (port !== null) return planned.decision;
  const { from, to } = deps.installation.relayPorts;
  return { phase: "pending", phaseReason: `Every relay port from ${from} to ${to} is in use.` };
}

async function removeTunnel(applying: Applying, row: TunnelRow): Promise<void> {
  const { deps, tx, at, cluster, changes } = applying;
  const totals = deps.live.counters.totalsOf(row.id);
  await tx.tunnelCounter.deleteMany({ where: { tunnelId: row.id } });
  await tx.tunnel.delete({ where: { id: row.id } });
  // The cluster's figures never go back.
  await tx.cluster.update({
    where: { id: cluster.id },
    data: {
      pastBytesIn: { increment: BigInt(totals.bytesIn) },
      pastBytesOut: { increment: BigInt(totals.bytesOut) },
    },
  });
  changes.push(
    { kind: "tunnel", id: row.id, clusterId: cluster.id, isRemoved: true },
    await appendAudit(tx, {
      actor: SYSTEM_ACTOR,
      at,
      action: "tunnel.removed",
      object: { kind: "tunnel", id: row.id, name: tunnelName(row) },
      before: { clusterId: cluster.id, cluster: cluster.name, relayPort: row.lease?.port ?? null },
    }),
  );
}

async function auditPublished(
  { tx, at, cluster, changes }: Applying,
  tunnel: NamedRow & { readonly id: string },
): Promise<void> {
  const lease = await tx.portLease.findUnique({ where: { tunnelId: tunnel.id } });
  changes.push(
    await appendAudit(tx, {
      actor: SYSTEM_ACTOR,
      at,
      action: "tunnel.published",
      object: { kind: "tunnel", id: tunnel.id, name: tunnelName(tunnel) },
      after: { clusterId: cluster.id, cluster: cluster.name, relayPort: lease?.port ?? null },
    }),
  );
}

async function auditWithdrawn(
  { tx, at, cluster, changes }: Applying,
  row: TunnelRow,
  reason: string | null,
): Promise<void> {
  changes.push(
    await appendAudit(tx, {
      actor: SYSTEM_ACTOR,
      at,
      action: "tunnel.withdrawn",
      object: { kind: "tunnel", id: row.id, name: tunnelName(row) },
      before: { clusterId: cluster.id, cluster: cluster.name, relayPort: row.lease?.port ?? null },
      after: { reason },
    }),
  );
}

function searchTextOf({ listener: { key, listener } }: PlannedTunnel): string {
  const words = [key.namespace, key.gateway, listener.name, key.protocol, key.port, key.hostname];
  return words
    .filter((word) => word !== null)
    .join(" ")
    .toLowerCase();
}
