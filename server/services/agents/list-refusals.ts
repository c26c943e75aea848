import type { AgentRefusalDto } from "#protocol/api/clusters.ts";
import type { Page } from "#protocol/api/common.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/**
 * Agents that were turned away lately and may be this cluster's, newest first: those with one of its tokens, and
 * those with a token that nobody knows.
 *
 * @throws AppError `not_found`
 */
export async function listRefusals(
  deps: Pick<ServiceContext, "db" | "live">,
  actor: Actor,
  input: { readonly clusterId: string },
): Promise<Page<AgentRefusalDto>> {
  requireRole(actor, "viewer");
  const cluster = await getClusterRow(deps.db, input.clusterId);
  const refusals = [
    ...deps.live.refusals.ofCluster(cluster.id),
    ...deps.live.refusals.unknown(),
  ].sort((a, b) => b.at - a.at);
  const items = refusals.map(({ at, code, reason, address }) => ({
    at: new Date(at).toISOString(),
    code,
    reason,
    address,
  }));
  return { items, nextCursor: null };
}
