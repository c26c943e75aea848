import { TokenId } from "#protocol/api/ids.ts";
import type { CreateClusterBody, CreatedCluster } from "#protocol/api/clusters.ts";
import { AppError } from "#protocol/errors.ts";
import { isUniqueViolation, transaction } from "#server/db/db.ts";
import { newOrderedId } from "#server/lib/ids.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { insertToken } from "#server/services/tokens/insert-token.ts";
import type { ClusterViewDeps } from "./cluster-view.ts";
import { getCluster } from "./get-cluster.ts";

/** Clusters of one installation. */
const CLUSTERS_MAX = 1_000;
const NAME_TAKEN =
  "A cluster of that name exists already: its page on the dashboard makes new tokens";

/**
 * Adds a cluster together with its first agent token, which is in the answer and nowhere else.
 *
 * @throws AppError `conflict` when the name is taken, `limit_exceeded`, `forbidden`
 */
export async function createCluster(
  deps: ClusterViewDeps & Pick<ServiceContext, "changes">,
  actor: Actor,
  input: CreateClusterBody,
): Promise<CreatedCluster> {
  requireRole(actor, "operator");
  const at = deps.now();
  const id = newOrderedId("cl");
  const created = await transaction(deps.db, async (tx) => {
    if ((await tx.cluster.count()) >= CLUSTERS_MAX) {
      throw new AppError("limit_exceeded", "The limit of clusters is reached", {
        details: { limit: CLUSTERS_MAX },
      });
    }
    await tx.cluster.create({ data: { id, name: input.name, createdAt: at } });
    const event = await appendAudit(tx, {
      actor,
      at,
      action: "cluster.create",
      object: { kind: "cluster", id, name: input.name },
      after: { name: input.name },
    });
    const token = await insertToken(tx, actor, {
      cluster: { id, name: input.name },
      at,
      expiresAt: null,
    });
    return { token, event };
  }).catch((error: unknown) => {
    throw isUniqueViolation(error) ? new AppError("conflict", NAME_TAKEN, { cause: error }) : error;
  });
  deps.changes.publish(
    { kind: "cluster", id },
    { kind: "tokens", id },
    created.event,
    created.token.event,
  );
  return {
    cluster: await getCluster(deps, actor, { id }),
    tokenId: TokenId.parse(created.token.row.id),
    token: created.token.secret,
  };
}
