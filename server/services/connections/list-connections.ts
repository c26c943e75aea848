import type { Page } from "#protocol/api/common.ts";
import type { ConnectionDto, ConnectionListQuery } from "#protocol/api/connections.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { decodeCursor, toPage, type Position } from "#server/services/page.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toOpenConnectionDto, toStoredConnectionDto } from "./connection-dto.ts";
import type { OpenConnection } from "./live-connections.ts";

/** Connections, newest first: open ones from memory, closed ones from the records. */
export async function listConnections(
  deps: Pick<ServiceContext, "db" | "live">,
  actor: Actor,
  query: ConnectionListQuery,
): Promise<Page<ConnectionDto>> {
  requireRole(actor, "viewer");
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  return query.state === "open"
    ? listOpen(deps, query, after)
    : await listClosed(deps, query, after);
}

function listOpen(
  deps: Pick<ServiceContext, "live">,
  query: ConnectionListQuery,
  after: Position | null,
): Page<ConnectionDto> {
  const open = [...deps.live.connections.list(query)].sort(newestFirst);
  const rest =
    after === null
      ? open
      : open.filter(
          ({ openedAt, id }) =>
            openedAt < after.at.getTime() || (openedAt === after.at.getTime() && id < after.id),
        );
  return toPage(rest.slice(0, query.limit + 1), query.limit, toOpenConnectionDto, (connection) => ({
    at: new Date(connection.openedAt),
    id: connection.id,
  }));
}

function newestFirst(a: OpenConnection, b: OpenConnection): number {
  if (a.openedAt !== b.openedAt) return b.openedAt - a.openedAt;
  return a.id < b.id ? 1 : -1;
}

async function listClosed(
  deps: Pick<ServiceContext, "db">,
  query: ConnectionListQuery,
  after: Position | null,
): Promise<Page<ConnectionDto>> {
  const rows = await deps.db.connection.findMany({
    where: {
      ...(query.tunnelId === undefined ? {} : { tunnelId: query.tunnelId }),
      ...(query.clusterId === undefined ? {} : { clusterId: query.clusterId }),
      ...(after === null
        ? {}
        : { OR: [{ closedAt: { lt: after.at } }, { closedAt: after.at, id: { lt: after.id } }] }),
    },
    orderBy: [{ closedAt: "desc" }, { id: "desc" }],
    take: query.limit + 1,
  });
  return toPage(rows, query.limit, toStoredConnectionDto, (row) => ({
    at: row.closedAt,
    id: row.id,
  }));
}
