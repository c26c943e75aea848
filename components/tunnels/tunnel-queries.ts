import { queryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { fetchAllPages } from "./fetch-all-pages.ts";
import { tunnelJournal, withTunnelChanges } from "./tunnel-reducer.ts";
import { ExplainDto } from "#protocol/api/routing.ts";
import { TunnelDto, TunnelPage } from "#protocol/api/tunnels.ts";

/** Keys go from general to specific, so invalidating a prefix covers all below it. */
export const tunnelKeys = {
  all: ["tunnels"] as const,
  lists: () => [...tunnelKeys.all, "list"] as const,
  /** Null: all clusters. */
  list: (clusterId: string | null) => [...tunnelKeys.lists(), clusterId] as const,
  one: (tunnelId: string) => [...tunnelKeys.all, "one", tunnelId] as const,
  detail: (tunnelId: string) => [...tunnelKeys.one(tunnelId), "detail"] as const,
  explain: (tunnelId: string) => [...tunnelKeys.one(tunnelId), "explain"] as const,
};

/** Tunnels kept in one page's memory; far above what one relay serves well. */
const TUNNELS_MAX = 10_000;

export const tunnelPath = (tunnelId: string): string =>
  `/api/v1/tunnels/${encodeURIComponent(tunnelId)}`;

export const tunnelQueries = {
  /** All of them, or all of one cluster: the table filters and sorts by itself. */
  list: (clusterId: string | null = null) =>
    queryOptions({
      queryKey: tunnelKeys.list(clusterId),
      queryFn: async ({ signal }) => {
        const mark = tunnelJournal.mark();
        const list = await fetchAllPages(TUNNELS_MAX, (cursor, limit) =>
          apiRequest(TunnelPage, `/api/v1/tunnels${queryString({ clusterId, cursor, limit })}`, {
            signal,
          }),
        );
        return withTunnelChanges(list, tunnelJournal.since(mark), clusterId);
      },
      // Comparing thousands of rows deeply costs more than drawing those on show.
      structuralSharing: false,
    }),
  detail: (tunnelId: string) =>
    queryOptions({
      queryKey: tunnelKeys.detail(tunnelId),
      queryFn: ({ signal }) => apiRequest(TunnelDto, tunnelPath(tunnelId), { signal }),
    }),
  explain: (tunnelId: string) =>
    queryOptions({
      queryKey: tunnelKeys.explain(tunnelId),
      queryFn: ({ signal }) =>
        apiRequest(ExplainDto, `${tunnelPath(tunnelId)}/explain`, { signal }),
    }),
};
