import { queryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { fetchAllPages } from "#components/tunnels/fetch-all-pages.ts";
import { ConnectionPage } from "#protocol/api/connections.ts";
import {
  connectionJournal,
  withLiveClosed,
  withLiveOpen,
  type ClosedConnections,
  type ConnectionScope,
} from "./connection-reducer.ts";

export const EVERYWHERE: ConnectionScope = { tunnelId: null };

/** Keys go from general to specific, so invalidating a prefix covers all below it. */
export const connectionKeys = {
  all: ["connections"] as const,
  opens: () => [...connectionKeys.all, "open"] as const,
  open: ({ tunnelId }: ConnectionScope) => [...connectionKeys.opens(), tunnelId] as const,
  closeds: () => [...connectionKeys.all, "closed"] as const,
  closed: ({ tunnelId }: ConnectionScope) => [...connectionKeys.closeds(), tunnelId] as const,
};

/** Open connections kept in one page's memory. */
const OPEN_MAX = 10_000;
/** Recently closed ones: the newest. */
export const CLOSED_MAX = 200;

export const connectionQueries = {
  open: (scope: ConnectionScope) =>
    queryOptions({
      queryKey: connectionKeys.open(scope),
      queryFn: async ({ signal }) => {
        const mark = connectionJournal.mark();
        const list = await fetchAllPages(OPEN_MAX, (cursor, limit) =>
          apiRequest(
            ConnectionPage,
            `/api/v1/connections${queryString({ state: "open", tunnelId: scope.tunnelId, cursor, limit })}`,
            { signal },
          ),
        );
        return connectionJournal
          .since(mark)
          .reduce((known, { event, at }) => withLiveOpen(known, event, scope, at), list);
      },
      structuralSharing: false,
      // Live events were missed while nobody listened.
      refetchOnMount: "always",
    }),
  closed: (scope: ConnectionScope) =>
    queryOptions({
      queryKey: connectionKeys.closed(scope),
      queryFn: async ({ signal }): Promise<ClosedConnections> => {
        const mark = connectionJournal.mark();
        const page = await apiRequest(
          ConnectionPage,
          `/api/v1/connections${queryString({ state: "closed", tunnelId: scope.tunnelId, limit: CLOSED_MAX })}`,
          { signal },
        );
        return connectionJournal
          .since(mark)
          .reduce<ClosedConnections>(
            (known, { event }) => withLiveClosed(known, event, scope, CLOSED_MAX),
            page,
          );
      },
      structuralSharing: false,
      refetchOnMount: "always",
    }),
};
