import { infiniteQueryOptions } from "@tanstack/react-query";
import { apiRequest, queryString } from "#components/lib/api-client.ts";
import { AuditPage, type AuditAction, type AuditEventDto } from "#protocol/api/audit.ts";

/** What the server filters by. */
export interface AuditFilter {
  readonly objectKind?: AuditEventDto["object"]["kind"];
  readonly objectId?: string;
  readonly action?: AuditAction;
}

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
      queryFn: ({ pageParam, signal }) =>
        fetchAuditPage(filter, { cursor: pageParam, limit }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
};
