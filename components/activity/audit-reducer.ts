import type { InfiniteData } from "@tanstack/react-query";
import { LiveJournal } from "#components/lib/live-journal.ts";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import type { AuditFilter } from "./audit-filter.ts";

interface AuditPageData {
  readonly items: AuditEventDto[];
  readonly nextCursor: string | null;
}
export type AuditCache = InfiniteData<AuditPageData, string | null>;

/** What the live link said lately, for lists on their way. */
export const auditJournal = new LiveJournal<AuditEventDto>();

/** Whether a list with this filter shows this event. */
export function matchesFilter(event: AuditEventDto, filter: AuditFilter): boolean {
  return (
    (filter.objectKind === undefined || filter.objectKind === event.object.kind) &&
    (filter.objectId === undefined || filter.objectId === event.object.id) &&
    (filter.action === undefined || filter.action === event.action)
  );
}

/** Puts a new event on top of a first page, once, where the list's filter lets it in. */
export function withEvent(
  page: AuditPageData,
  event: AuditEventDto,
  filter: AuditFilter,
): AuditPageData {
  const isShown = matchesFilter(event, filter) && page.items.every(({ id }) => id !== event.id);
  return isShown ? { ...page, items: [event, ...page.items] } : page;
}

/** The same in a whole list. */
export function withAuditEvent(
  cache: AuditCache,
  event: AuditEventDto,
  filter: AuditFilter,
): AuditCache {
  const [first, ...rest] = cache.pages;
  if (first === undefined) return cache;
  const next = withEvent(first, event, filter);
  return next === first ? cache : { ...cache, pages: [next, ...rest] };
}
