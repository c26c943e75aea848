import { infiniteQueryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { AuditPage } from "#protocol/api/audit.ts";
import type { AuditFilter } from "./audit-filter.ts";
import { auditJournal, withEvent } from "./audit-reducer.ts";

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
        const mark = auditJournal.mark();
        const page = await fetchAuditPage(filter, { cursor: pageParam, limit }, signal);
        if (pageParam !== null) return page;
        return auditJournal
          .since(mark)
          .reduce((known, event) => withEvent(known, event, filter), page);
      },
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
};
