import type { z } from "zod";
import type { ClusterDto, ClusterListQuery } from "#protocol/api/clusters.ts";
import type { Page } from "#protocol/api/common.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { decodeCursor, toPage } from "#server/services/page.ts";
import { viewClusters, type ClusterViewDeps } from "./cluster-view.ts";

/** All clusters, oldest first. */
export async function listClusters(
  deps: ClusterViewDeps,
  actor: Actor,
  query: z.infer<typeof ClusterListQuery>,
): Promise<Page<ClusterDto>> {
  requireRole(actor, "viewer");
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const rows = await deps.db.cluster.findMany({
    where: {
      ...(query.q === undefined ? {} : { name: { contains: query.q } }),
      ...(after === null
        ? {}
        : { OR: [{ createdAt: { gt: after.at } }, { createdAt: after.at, id: { gt: after.id } }] }),
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: query.limit + 1,
  });
  const page = toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => ({ at: row.createdAt, id: row.id }),
  );
  return { items: await viewClusters(deps, page.items), nextCursor: page.nextCursor };
}
