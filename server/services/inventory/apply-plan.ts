import { TunnelPhase } from "#protocol/api/tunnels.ts";
import type { Tx } from "#server/db/db.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import type { Change } from "#server/services/changes.ts";
import { findAffected, type NameMove } from "#server/services/http-names/find-affected.ts";
import { allocateLease } from "#server/services/leases/allocate-lease.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { vanishedPhase, type PhaseDecision } from "#server/services/tunnels/tunnel-phase.ts";
import type { TunnelRow } from "#server/services/tunnels/tunnel-row.ts";
import { auditPublished, auditRemoved, auditWithdrawn } from "./audit-tunnel.ts";
import type { PlannedTunnel, TunnelPlan } from "./plan-tunnels.ts";
import { toStoredListener, type StoredListener } from "./stored-listener.ts";

/** One reconcile of a cluster while it writes. */
export interface Applying {
  readonly deps: Pick<ServiceContext, "live" | "installation">;
  readonly tx: Tx;
  readonly cluster: { readonly id: string; readonly name: string };
  readonly at: Date;
  readonly changes: Change[];
  readonly nameMoves: NameMove[];
}

/** Host names as they are stored. */
const NO_NAMES = "[]";

/** Writes a plan: rows, ports, audit events. What others show of it is gathered in `changes`. */
export async function applyPlan(applying: Applying, plan: TunnelPlan): Promise<void> {
  const { tx, at, changes, cluster } = applying;
  for (const row of plan.remove) await removeTunnel(applying, row);
  for (const row of plan.close) {
    await tx.tunnel.updateMany({ where: { id: row.id, phase: row.phase }, data: closed(row, at) });
    changes.push({ kind: "tunnel", id: row.id, clusterId: cluster.id });
  }
  for (const planned of plan.update) await updateTunnel(applying, planned);
  for (const planned of plan.create) await createTunnel(applying, planned);
  changes.push(...(await nameChanges(applying)));
}

/** A tunnel keeps its names until it is removed; one that was not published held none, and takes none as it goes. */
function closed(row: TunnelRow, at: Date) {
  const isNameless = row.phase === "pending" && row.hostnames !== null;
  return {
    phase: vanishedPhase(TunnelPhase.parse(row.phase)),
    phaseReason: "Its listener is gone.",
    closingAt: at,
    ...(isNameless ? { hostnames: NO_NAMES } : {}),
  };
}

/** Names of others may lead elsewhere now: their pages say so. */
async function nameChanges({ tx, changes, nameMoves }: Applying): Promise<readonly Change[]> {
  const told = new Set(changes.map(({ id }) => id));
  const affected = await findAffected(tx, nameMoves);
  return affected
    .filter(({ id }) => !told.has(id))
    .map((tunnel): Change => ({ kind: "tunnel", ...tunnel }));
}

async function createTunnel(applying: Applying, planned: PlannedTunnel): Promise<void> {
  const { tx, at, cluster, changes, nameMoves } = applying;
  const { key } = planned.listener;
  const id = newOrderedId("tn");
  const stored = toStoredListener(id, planned);
  await tx.tunnel.create({
    data: {
      id,
      clusterId: cluster.id,
      namespace: key.namespace,
      gateway: key.gateway,
      protocol: key.protocol,
      port: key.port,
      hostname: key.hostname ?? "",
      ...stored,
      phase: "pending",
      createdAt: at,
    },
  });
  nameMoves.push({ ...key, ...stored, clusterId: cluster.id });
  const decision = await leased(applying, id, planned);
  await tx.tunnel.update({ where: { id }, data: decision });
  changes.push({ kind: "tunnel", id, clusterId: cluster.id });
  if (decision.phase !== "pending") {
    changes.push(await auditPublished(applying, { id, ...key, spec: stored.spec }));
  }
}

async function updateTunnel(
  applying: Applying,
  planned: PlannedTunnel & { readonly row: TunnelRow },
): Promise<void> {
  const { tx, changes, cluster } = applying;
  const { row } = planned;
  const decision = await leased(applying, row.id, planned);
  const stored = toStoredListener(row.id, planned);
  // No port was left, as before.
  const isSame = row.phase === decision.phase && row.phaseReason === decision.phaseReason;
  const isWaiting = row.phase === "pending" && row.closingAt === null;
  if (isSame && isWaiting && row.spec === stored.spec) return;
  // The phase in the condition: whoever moved it meanwhile is right, and the next reconcile looks again.
  await tx.tunnel.updateMany({
    where: { id: row.id, phase: row.phase },
    data: { ...stored, ...decision, closingAt: null },
  });
  changes.push({ kind: "tunnel", id: row.id, clusterId: cluster.id });
  await noteTurn(applying, row, { ...stored, ...decision });
}

/** Writes down what an update means for others: it was published or withdrawn, or asks for other names. */
async function noteTurn(
  applying: Applying,
  row: TunnelRow,
  now: StoredListener & PhaseDecision,
): Promise<void> {
  const isPending = now.phase === "pending";
  const wasPending = row.phase === "pending";
  if (row.hostnames !== now.hostnames || isPending !== wasPending) {
    applying.nameMoves.push(row, { ...row, hostnames: now.hostnames });
  }
  if (wasPending && !isPending) {
    applying.changes.push(await auditPublished(applying, { ...row, spec: now.spec }));
  }
  const wasServed = row.phase === "active" || row.phase === "degraded";
  if (wasServed && isPending) {
    applying.changes.push(await auditWithdrawn(applying, row, now.phaseReason));
  }
}

/** Takes a port where one is needed; without one the tunnel stays pending. */
async function leased(
  { deps, tx, at }: Applying,
  tunnelId: string,
  planned: PlannedTunnel,
): Promise<PhaseDecision> {
  if (!planned.needsLease) return planned.decision;
  const port = await allocateLease(tx, { tunnelId, ports: deps.installation.relayPorts, at });
  if (port !== null) return planned.decision;
  const { from, to } = deps.installation.relayPorts;
  return { phase: "pending", phaseReason: `Every relay port from ${from} to ${to} is in use.` };
}

async function removeTunnel(applying: Applying, row: TunnelRow): Promise<void> {
  const { deps, tx, cluster, changes, nameMoves } = applying;
  const totals = deps.live.counters.totalsOf(row.id);
  await tx.tunnelCounter.deleteMany({ where: { tunnelId: row.id } });
  await tx.tunnel.delete({ where: { id: row.id } });
  nameMoves.push(row);
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
    await auditRemoved(applying, row),
  );
}
