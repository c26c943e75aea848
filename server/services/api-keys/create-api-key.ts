import type { CreateApiKeyBody, CreatedApiKey } from "#protocol/api/api-keys.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import { createSecretKey } from "#server/services/secret-keys.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toApiKeyDto } from "./api-key-dto.ts";

export const API_KEYS_MAX = 200;
const DAY_MS = 86_400_000;

/**
 * Makes an API key, which is in the answer and nowhere else.
 *
 * @throws AppError `limit_exceeded`, `forbidden`
 */
export async function createApiKey(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Actor,
  input: CreateApiKeyBody,
): Promise<CreatedApiKey> {
  requireRole(actor, "admin");
  const at = deps.now();
  const key = createSecretKey("cvk");
  const days = input.expiresInDays;
  const expiresAt = days === undefined ? null : new Date(at.getTime() + days * DAY_MS);
  const { row, event } = await transaction(deps.db, async (tx) => {
    if ((await tx.apiKey.count()) >= API_KEYS_MAX) {
      throw new AppError("limit_exceeded", "The limit of API keys is reached", {
        details: { limit: API_KEYS_MAX },
      });
    }
    const row = await tx.apiKey.create({
      data: {
        id: newOrderedId("ak"),
        name: input.name,
        role: input.role,
        prefix: key.prefix,
        hash: key.hash,
        createdBy: actor.name,
        createdAt: at,
        expiresAt,
      },
    });
    const event = await appendAudit(tx, {
      actor,
      at,
      action: "api_key.create",
      object: { kind: "api_key", id: row.id, name: row.name },
      after: { role: row.role, expiresAt: expiresAt?.toISOString() ?? null },
    });
    return { row, event };
  });
  deps.changes.publish(event);
  return { key: key.secret, item: toApiKeyDto(row) };
}
