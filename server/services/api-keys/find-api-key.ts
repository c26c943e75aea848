import { Role } from "#protocol/api/common.ts";
import type { Actor } from "#server/services/actor.ts";
import { hashSecret, isSameHash } from "#server/services/secret-keys.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/** The last use is written down at most this often, milliseconds. */
const LAST_USED_EVERY_MS = 60_000;

/** Finds whom a presented API key stands for; null when it is unknown or expired. Fails closed. */
export async function findApiKeyActor(
  deps: Pick<ServiceContext, "db" | "now">,
  presented: string,
  address: string | null,
): Promise<Actor | null> {
  if (!presented.startsWith("cvk_")) return null;
  const hash = hashSecret(presented);
  const row = await deps.db.apiKey.findUnique({ where: { hash } });
  if (row === null || !isSameHash(row.hash, hash)) return null;
  const now = deps.now();
  if (row.expiresAt !== null && row.expiresAt <= now) return null;
  const isStale =
    row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() >= LAST_USED_EVERY_MS;
  if (isStale) {
    await deps.db.apiKey.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  }
  return { kind: "api_key", id: row.id, name: row.name, role: Role.parse(row.role), address };
}
