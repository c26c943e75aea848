import type { Page } from "#protocol/api/common.ts";
import type { TunnelDto, TunnelListQuery } from "#protocol/api/tunnels.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { decodeCursor, toPage } from "#server/services/page.ts";
import { WITH_CLUSTER_AND_LEASE } from "./tunnel-row.ts";
import { viewTunnels, type ViewDeps } from "./tunnel-view.ts";

/** All tunnels, oldest first. */
export async function listTunnels(
  deps: ViewDeps,
  actor: Actor,
  query: TunnelListQuery,
): Promise<Page<TunnelDto>> {
  requireRole(actor, "viewer");
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const rows = await deps.db.tunnel.findMany({
    where: {
      AND: [
        query.clusterId === undefined ? {} : { clusterId: query.clusterId },
        query.phase === undefined ? {} : { phase: query.phase },
        query.q === undefined ? {} : matching(query.q),
        after === null
          ? {}
          : {
              OR: [{ createdAt: { gt: after.at } }, { createdAt: after.at, id: { gt: after.id } }],
            },
      ],
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: query.limit + 1,
    include: WITH_CLUSTER_AND_LEASE,
  });
  const page = toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => ({ at: row.createdAt, id: row.id }),
  );
  return { items: await viewTunnels(deps, page.items), nextCursor: page.nextCursor };
}

function matching(q: string) {
  return {
    OR: [
      { searchText: { contains: q.toLowerCase() } },
      { cluster: { name: { contains: q } } },
      ...(/^\d{1,5}$/.test(q) ? [{ lease: { port: Number(q) } }] : []),
    ],
  };
}
