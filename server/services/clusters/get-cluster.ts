import type { ClusterDto } from "#protocol/api/clusters.ts";
import { AppError } from "#protocol/errors.ts";
import type { Queries } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { viewClusters, type ClusterRow, type ClusterViewDeps } from "./cluster-view.ts";

/** @throws AppError `not_found` */
export async function getClusterRow(db: Queries, id: string): Promise<ClusterRow> {
  const row = await db.cluster.findUnique({ where: { id } });
  if (row === null) throw new AppError("not_found", "Cluster not found");
  return row;
}

/** @throws AppError `not_found` */
export async function getCluster(
  deps: ClusterViewDeps,
  actor: Actor,
  input: { readonly id: string },
): Promise<ClusterDto> {
  requireRole(actor, "viewer");
  const [cluster] = await viewClusters(deps, [await getClusterRow(deps.db, input.id)]);
  if (cluster === undefined) throw new AppError("not_found", "Cluster not found");
  return cluster;
}
