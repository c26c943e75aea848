import type { AuditAction } from "#protocol/api/audit.ts";
import type { ClusterDto, PatchClusterBody } from "#protocol/api/clusters.ts";
import { AppError } from "#protocol/errors.ts";
import { isUniqueViolation, transaction } from "#server/db/db.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { ClusterRow, ClusterViewDeps } from "./cluster-view.ts";
import { getCluster, getClusterRow } from "./get-cluster.ts";

interface Edit {
  readonly action: AuditAction;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  readonly data: Prisma.ClusterUpdateInput;
}

/**
 * Renames a cluster, or forces all of its tunnels through the tunnel. What is so already is no change.
 *
 * @throws AppError `not_found`, `conflict` when the name is taken, `forbidden`
 */
export async function patchCluster(
  deps: ClusterViewDeps & Pick<ServiceContext, "changes" | "hostNames">,
  actor: Actor,
  input: PatchClusterBody & { readonly id: string },
): Promise<ClusterDto> {
  requireRole(actor, "operator");
  const at = deps.now();
  const changes = await transaction(deps.db, async (tx): Promise<readonly Change[]> => {
    const row = await getClusterRow(tx, input.id);
    const edits = editsOf(row, input, { setBy: actor.name, setAt: at });
    if (edits.length === 0) return [];
    for (const { data } of edits) await tx.cluster.update({ where: { id: row.id }, data });
    const object = { kind: "cluster" as const, id: row.id, name: input.name ?? row.name };
    const events: Change[] = [];
    for (const { action, before, after } of edits) {
      events.push(await appendAudit(tx, { actor, at, action, object, before, after }));
    }
    // Names and modes of its tunnels read differently now.
    const tunnels = await tx.tunnel.findMany({
      where: { clusterId: row.id },
      select: { id: true, clusterId: true },
    });
    return [
      { kind: "cluster", id: row.id },
      ...tunnels.map((tunnel): Change => ({ kind: "tunnel", ...tunnel })),
      ...events,
    ];
  }).catch((error: unknown) => {
    throw isUniqueViolation(error)
      ? new AppError("conflict", "A cluster of that name exists already", { cause: error })
      : error;
  });
  deps.hostNames.changed();
  deps.changes.publish(...changes);
  return await getCluster(deps, actor, { id: input.id });
}

function editsOf(
  row: ClusterRow,
  { name, forceTunnel }: PatchClusterBody,
  set: { readonly setBy: string; readonly setAt: Date },
): readonly Edit[] {
  const edits: Edit[] = [];
  if (name !== undefined && name !== row.name) {
    edits.push({
      action: "cluster.rename",
      before: { name: row.name },
      after: { name },
      data: { name },
    });
  }
  const wasForced = row.forcedBy !== null;
  if (forceTunnel !== undefined && forceTunnel !== wasForced) {
    edits.push({
      action: "cluster.force_tunnel",
      before: { forceTunnel: wasForced },
      after: { forceTunnel },
      data: { forcedBy: forceTunnel ? set.setBy : null, forcedAt: forceTunnel ? set.setAt : null },
    });
  }
  return edits;
}
