import { z } from "zod";
import {
  CloseConnectionsQuery,
  ClosedCount,
  ConnectionListQuery,
  ConnectionPage,
} from "#protocol/api/connections.ts";
import { ConnectionId } from "#protocol/api/ids.ts";
import { route } from "#server/http/route.ts";
import { closeConnection } from "#server/services/connections/close-connection.ts";
import { closeConnections } from "#server/services/connections/close-connections.ts";
import { listConnections } from "#server/services/connections/list-connections.ts";

export const connectionRoutes = {
  list: route({
    method: "GET",
    path: "/connections",
    summary: "List open connections, or closed ones",
    role: "viewer",
    query: ConnectionListQuery,
    response: ConnectionPage,
    run: ({ runtime, actor, query }) => listConnections(runtime, actor, query),
  }),
  closeMany: route({
    method: "DELETE",
    path: "/connections",
    summary: "Close every open connection of a tunnel or a cluster",
    role: "operator",
    query: CloseConnectionsQuery,
    response: ClosedCount,
    run: ({ runtime, actor, query }) => closeConnections(runtime, actor, query),
  }),
  closeOne: route({
    method: "DELETE",
    path: "/connections/{id}",
    summary: "Close one open connection",
    role: "operator",
    params: z.object({ id: ConnectionId }),
    run: ({ runtime, actor, params }) => closeConnection(runtime, actor, params),
  }),
} as const;
