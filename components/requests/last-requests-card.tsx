"use client";

import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { plural } from "#components/lib/format.ts";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { requestQueries } from "./request-queries.ts";
import { RequestRows } from "./request-rows.tsx";
import { FILTER_LABELS, filterRequests, REQUEST_FILTERS, requestPlace } from "./request-view.ts";
import { useRequestsLive } from "./use-requests-live.ts";

interface LastRequestsCardProps {
  readonly tunnelId: string;
  /** The tunnel's own name, which need not be said of every request. */
  readonly host: string;
  readonly hasManyBackends: boolean;
}

/** What was asked of an HTTP tunnel and how it was answered, while it happens. */
export function LastRequestsCard({ tunnelId, host, hasManyBackends }: LastRequestsCardProps) {
  const [filter, setFilter] = useSearchParam("requests", "all", REQUEST_FILTERS);
  const query = useQuery(requestQueries.last(tunnelId));
  useRequestsLive(tunnelId);
  const items = query.data?.items;
  const rows = useMemo(() => filterRequests(items ?? [], filter), [items, filter]);
  const placeOf = useCallback(
    (request: HttpRequestDto) => requestPlace(request, { host, hasManyBackends }),
    [host, hasManyBackends],
  );
  return (
    <Card>
      <CardHeader
        title="Last requests"
        actions={
          <Segmented
            label="Which requests to list"
            size="sm"
            value={filter}
            options={REQUEST_FILTERS.map((value) => ({ value, label: FILTER_LABELS[value] }))}
            onChange={setFilter}
          />
        }
      >
        {items !== undefined && filter !== "all" && (
          <span role="status" className="text-xs text-muted">
            {rows.length} of {plural(items.length, "request")}
          </span>
        )}
      </CardHeader>
      <QueryView
        query={query}
        failure="The last requests could not be loaded"
        skeleton={<SkeletonRows rows={5} label="Loading the last requests" />}
      >
        {({ items: all }) =>
          all.length === 0 ? (
            <EmptyState title="No request yet">
              Open the site: what it is asked for appears here within a second.
            </EmptyState>
          ) : rows.length === 0 ? (
            <EmptyState
              title={`None of the last ${plural(all.length, "request")} matches`}
              action={<Button onClick={() => setFilter("all")}>Show all</Button>}
            />
          ) : (
            <RequestRows rows={rows} choice={filter} placeOf={placeOf} />
          )
        }
      </QueryView>
    </Card>
  );
}
