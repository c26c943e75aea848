import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import { findAffected, NAME_COLUMNS } from "#server/services/http-names/find-affected.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getClusterRow } from "./get-cluster.ts";

/**
 * Deletes a cluster with its tokens, agents and tunnels. Relays close what was opened with them; records of closed
 * connections and the audit log stay.
 *
 * @throws AppError `not_found`, `forbidden`
 */
export async function deleteCluster(
  deps: Pick<ServiceContext, "db" | "now" | "changes" | "live" | "hostNames">,
  actor: Actor,
  input: { readonly id: string },
): Promise<void> {
  requireRole(actor, "operator");
  const { tunnels, affected, event } = await transaction(deps.db, async (tx) => {
    const row = await getClusterRow(tx, input.id);
    const tunnels = await tx.tunnel.findMany({
      where: { clusterId: row.id },
      select: { id: true, ...NAME_COLUMNS },
    });
    const tunnelId = { in: tunnels.map((tunnel) => tunnel.id) };
    await tx.tunnelCounter.deleteMany({ where: { tunnelId } });
    await tx.cluster.delete({ where: { id: row.id } });
    const affected = await findAffected(tx, tunnels);
    const event = await appendAudit(tx, {
      actor,
      at: deps.now(),
      action: "cluster.delete",
      object: { kind: "cluster", id: row.id, name: row.name },
      before: { name: row.name, tunnels: tunnels.length },
    });
    return { tunnels, affected, event };
  });
  for (const { id } of tunnels) deps.live.forgetTunnel(id);
  deps.hostNames.changed();
  deps.changes.publish(
    ...tunnels.map(({ id }): Change => ({
      kind: "tunnel",
      id,
      clusterId: input.id,
      isRemoved: true,
    })),
    // Their names are free for others.
    ...affected.map((tunnel): Change => ({ kind: "tunnel", ...tunnel })),
    { kind: "cluster", id: input.id, isRemoved: true },
    { kind: "tokens", id: input.id },
    event,
  );
}
