import type { InfiniteData } from "@tanstack/react-query";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import type { AuditFilter } from "./audit-queries.ts";

interface AuditPageData {
  readonly items: AuditEventDto[];
  readonly nextCursor: string | null;
}
export type AuditCache = InfiniteData<AuditPageData, string | null>;

/** Whether a list with this filter shows this event. */
export function matchesFilter(event: AuditEventDto, filter: AuditFilter): boolean {
  return (
    (filter.objectKind === undefined || filter.objectKind === event.object.kind) &&
    (filter.objectId === undefined || filter.objectId === event.object.id) &&
    (filter.action === undefined || filter.action === event.action)
  );
}

/** Puts a new event on top of a list, once, where the list's filter lets it in. */
export function withAuditEvent(
  cache: AuditCache,
  event: AuditEventDto,
  filter: AuditFilter,
): AuditCache {
  const [first, ...rest] = cache.pages;
  if (first === undefined || !matchesFilter(event, filter)) return cache;
  if (first.items.some(({ id }) => id === event.id)) return cache;
  return { ...cache, pages: [{ ...first, items: [event, ...first.items] }, ...rest] };
}
