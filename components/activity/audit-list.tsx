"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import type { AuditFilter } from "./audit-filter.ts";
import { auditQueries } from "./audit-queries.ts";
import { AuditSentence } from "./audit-sentence.tsx";

interface AuditListProps {
  /** Which events; all when left out. */
  readonly filter?: AuditFilter;
  /** Rows at most. */
  readonly limit?: number;
}

/** The latest events, one sentence each. */
export function AuditList({ filter = {}, limit = 8 }: AuditListProps) {
  const query = useInfiniteQuery(auditQueries.list(filter, limit));
  return (
    <QueryView query={query} failure="The activity could not be loaded">
      {(data) => {
        const events = data.pages.flatMap((page) => page.items).slice(0, limit);
        return events.length === 0 ? (
          <EmptyState icon={Activity} title="Nothing happened yet" />
        ) : (
          <Events events={events} />
        );
      }}
    </QueryView>
  );
}

function Events({ events }: { readonly events: readonly AuditEventDto[] }) {
  return (
    <ol className="flex flex-col py-2">
      {events.map((event) => (
        <li key={event.id} className="flex items-baseline gap-4 px-4 py-1.5 text-sm">
          <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
            <AuditSentence event={event} />
          </span>
          <span className="whitespace-nowrap text-xs text-muted">
            <RelativeTime at={event.at} look="moment" />
          </span>
        </li>
      ))}
    </ol>
  );
}
