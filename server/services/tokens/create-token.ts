import type { z } from "zod";
import type { CreatedToken, CreateTokenBody } from "#protocol/api/clusters.ts";
import { TokenId } from "#protocol/api/ids.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { insertToken } from "./insert-token.ts";
import { toTokenDto } from "./token-dto.ts";

/** Tokens of one cluster that are valid at once: rotation needs two, and some people give each agent its own. */
export const TOKENS_PER_CLUSTER_MAX = 50;
const DAY_MS = 86_400_000;

/**
 * Makes another agent token for a cluster; both the old and the new one work until one is revoked.
 *
 * @throws AppError `not_found`, `limit_exceeded`, `forbidden`
 */
export async function createToken(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  actor: Actor,
  input: z.infer<typeof CreateTokenBody> & { readonly clusterId: string },
): Promise<CreatedToken> {
  requireRole(actor, "operator");
  const at = deps.now();
  const { row, secret, event } = await transaction(deps.db, async (tx) => {
    const cluster = await getClusterRow(tx, input.clusterId);
    const valid = await tx.agentToken.count({
      where: {
        clusterId: cluster.id,
        revokedAt: null,
        OR: [{ expiresAt: null }, { expiresAt: { gt: at } }],
      },
    });
    if (valid >= TOKENS_PER_CLUSTER_MAX) {
      throw new AppError("limit_exceeded", "The cluster's limit of tokens is reached", {
        details: { limit: TOKENS_PER_CLUSTER_MAX },
      });
    }
    const days = input.expiresInDays;
    const expiresAt = days === undefined ? null : new Date(at.getTime() + days * DAY_MS);
    return await insertToken(tx, actor, { cluster, at, expiresAt });
  });
  deps.changes.publish({ kind: "tokens", id: input.clusterId }, event);
  return { token: secret, tokenId: TokenId.parse(row.id), item: toTokenDto(row) };
}
