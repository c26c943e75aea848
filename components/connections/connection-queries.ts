import { queryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { fetchAllPages } from "#components/tunnels/fetch-all-pages.ts";
import { ConnectionPage } from "#protocol/api/connections.ts";

/** Which connections: those of a tunnel, or all. */
export interface ConnectionScope {
  readonly tunnelId: string | null;
}

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
      queryFn: ({ signal }) =>
        fetchAllPages(OPEN_MAX, (cursor, limit) =>
          apiRequest(
            ConnectionPage,
            `/api/v1/connections${queryString({ state: "open", tunnelId: scope.tunnelId, cursor, limit })}`,
            { signal },
          ),
        ),
      structuralSharing: false,
      // Live events were missed while nobody listened.
      refetchOnMount: "always",
    }),
  closed: (scope: ConnectionScope) =>
    queryOptions({
      queryKey: connectionKeys.closed(scope),
      queryFn: ({ signal }) =>
        apiRequest(
          ConnectionPage,
          `/api/v1/connections${queryString({ state: "closed", tunnelId: scope.tunnelId, limit: CLOSED_MAX })}`,
          { signal },
        ),
      structuralSharing: false,
      refetchOnMount: "always",
    }),
};
