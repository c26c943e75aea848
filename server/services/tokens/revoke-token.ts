import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/**
 * Revokes an agent token; relays close the links that were opened with it. Revoking twice is one revocation.
 *
 * @throws AppError `not_found` when there is no such token in that cluster, `forbidden`
 */
export async function revokeToken(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Actor,
  input: { readonly clusterId: string; readonly tokenId: string },
): Promise<void> {
  requireRole(actor, "operator");
  const at = deps.now();
  const event = await transaction(deps.db, async (tx) => {
    const row = await tx.agentToken.findFirst({
      where: { id: input.tokenId, clusterId: input.clusterId },
      include: { cluster: true },
    });
    if (row === null) throw new AppError("not_found", "Token not found");
    if (row.revokedAt !== null) return null;
    await tx.agentToken.update({ where: { id: row.id }, data: { revokedAt: at } });
    return await appendAudit(tx, {
      actor,
      at,
      action: "token.revoke",
      object: { kind: "token", id: row.id, name: `${row.prefix}… of ${row.cluster.name}` },
    });
  });
  if (event !== null) deps.changes.publish({ kind: "tokens", id: input.clusterId }, event);
}
