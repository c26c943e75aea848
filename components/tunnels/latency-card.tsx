"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { LatencyChart } from "#components/charts/latency-chart.tsx";
import { connectionQueries } from "#components/connections/connection-queries.ts";

/** How long the newest connections of a tunnel took to open. */
export function LatencyCard({ tunnelId }: { readonly tunnelId: string }) {
  const open = useQuery(connectionQueries.open({ tunnelId }));
  const closed = useQuery(connectionQueries.closed({ tunnelId }));
  const points = useMemo(
    () =>
      [...(open.data?.items ?? []), ...(closed.data?.items ?? [])]
        .map(({ openedAt, openLatencyMs }) => ({
          at: new Date(openedAt).getTime(),
          latencyMs: openLatencyMs,
        }))
        .filter((point): point is { at: number; latencyMs: number } => point.latencyMs !== null)
        .toSorted((a, b) => a.at - b.at),
    [open.data, closed.data],
  );
  const error = open.error ?? closed.error;
  return (
    <LatencyChart
      points={points}
      query={{
        isPending: open.isPending || closed.isPending,
        error: open.data === undefined || closed.data === undefined ? error : null,
        retry: () => {
          void open.refetch();
          void closed.refetch();
        },
      }}
    />
  );
}
