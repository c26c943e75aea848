import { infiniteQueryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { getLiveSocket } from "#components/lib/live-socket.ts";
import { AuditPage, type AuditEventDto } from "#protocol/api/audit.ts";
import type { AuditFilter } from "./audit-filter.ts";
import { withEvent } from "./audit-reducer.ts";

export const auditKeys = {
  all: ["audit"] as const,
  lists: () => [...auditKeys.all, "list"] as const,
  list: (filter: AuditFilter, limit: number) => [...auditKeys.lists(), limit, filter] as const,
};

export const AUDIT_PAGE_ROWS = 100;

/** One page of events, newest first. */
export function fetchAuditPage(
  filter: AuditFilter,
  page: { readonly cursor: string | null; readonly limit: number },
  signal?: AbortSignal,
) {
  const query = queryString({ ...filter, cursor: page.cursor, limit: page.limit });
  return apiRequest(AuditPage, `/api/v1/audit${query}`, signal ? { signal } : {});
}

export const auditQueries = {
  list: (filter: AuditFilter = {}, limit = AUDIT_PAGE_ROWS) =>
    infiniteQueryOptions({
      queryKey: auditKeys.list(filter, limit),
      queryFn: async ({ pageParam, signal }) => {
        const page = { cursor: pageParam, limit };
        if (pageParam !== null) return await fetchAuditPage(filter, page, signal);
        const heard: AuditEventDto[] = [];
        // What is told while the answer is on its way may be younger than the answer.
        const stop = getLiveSocket().on("audit", (event) => heard.push(event));
        try {
          const first = await fetchAuditPage(filter, page, signal);
          return heard.reduce((so, event) => withEvent(so, event, filter), first);
        } finally {
          stop();
        }
      },
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
};
