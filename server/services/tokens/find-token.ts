import type { ServiceContext } from "#server/services/service-context.ts";
import { hashSecret, isSameHash } from "#server/services/secret-keys.ts";

/** Finds the cluster that a presented agent token lets in; null when it is unknown, revoked or expired. Fails closed. */
export async function findToken(
  deps: Pick<ServiceContext, "db" | "now">,
  presented: string,
): Promise<{ readonly tokenId: string; readonly clusterId: string } | null> {
  const hash = hashSecret(presented);
  const row = await deps.db.agentToken.findUnique({ where: { hash } });
  if (row === null || !isSameHash(row.hash, hash) || row.revokedAt !== null) return null;
  if (row.expiresAt !== null && row.expiresAt <= deps.now()) return null;
  return { tokenId: row.id, clusterId: row.clusterId };
}
