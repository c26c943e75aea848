import { queryOptions } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import { tunnelPath } from "#components/tunnels/tunnel-queries.ts";
import { HttpRequestPage, RECENT_REQUESTS_MAX } from "#protocol/api/requests.ts";
import { requestJournal, withLiveRequests, type LastRequests } from "./request-reducer.ts";

/** Keys go from general to specific, so invalidating a prefix covers all below it. */
export const requestKeys = {
  all: ["requests"] as const,
  last: (tunnelId: string) => [...requestKeys.all, tunnelId] as const,
};

export const requestQueries = {
  /** The newest of one tunnel, as many as are kept. */
  last: (tunnelId: string) =>
    queryOptions({
      queryKey: requestKeys.last(tunnelId),
      queryFn: async ({ signal }): Promise<LastRequests> => {
        const mark = requestJournal.mark();
        const page = await apiRequest(HttpRequestPage, `${tunnelPath(tunnelId)}/requests`, {
          signal,
        });
        return requestJournal
          .since(mark)
          .reduce<LastRequests>(
            (known, ended) =>
              withLiveRequests(known, ended, { tunnelId, itemsMax: RECENT_REQUESTS_MAX }),
            page,
          );
      },
      structuralSharing: false,
      // Live events were missed while nobody listened.
      refetchOnMount: "always",
    }),
};
