import type { TokenDto } from "#protocol/api/clusters.ts";
import { PAGE_LIMIT_MAX, type Page } from "#protocol/api/common.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toTokenDto } from "./token-dto.ts";

/**
 * A cluster's agent tokens, newest first, revoked ones included; never the tokens themselves.
 *
 * @throws AppError `not_found`, `forbidden`
 */
export async function listTokens(
  deps: Pick<ServiceContext, "db">,
  actor: Actor,
  input: { readonly clusterId: string },
): Promise<Page<TokenDto>> {
  requireRole(actor, "operator");
  const cluster = await getClusterRow(deps.db, input.clusterId);
  const rows = await deps.db.agentToken.findMany({
    where: { clusterId: cluster.id },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: PAGE_LIMIT_MAX,
  });
  return { items: rows.map(toTokenDto), nextCursor: null };
}
