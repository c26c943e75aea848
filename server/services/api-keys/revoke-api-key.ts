import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/**
 * Revokes an API key: it is gone at once. The audit event tells whoever holds something open that was opened with it:
 * see `withdrawsCredentials`.
 *
 * @throws AppError `not_found`, `forbidden`
 */
export async function revokeApiKey(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Actor,
  input: { readonly id: string },
): Promise<void> {
  requireRole(actor, "admin");
  const event = await transaction(deps.db, async (tx) => {
    const row = await tx.apiKey.findUnique({ where: { id: input.id } });
    if (row === null) throw new AppError("not_found", "API key not found");
    await tx.apiKey.delete({ where: { id: row.id } });
    return await appendAudit(tx, {
      actor,
      at: deps.now(),
      action: "api_key.revoke",
      object: { kind: "api_key", id: row.id, name: row.name },
      before: { role: row.role },
    });
  });
  deps.changes.publish(event);
}
