"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { CHART_RANGES } from "#components/charts/chart-ranges.ts";
import { seriesQuery } from "#components/charts/series-queries.ts";
import { useChartClock } from "#components/charts/use-chart-clock.ts";
import { connectionQueries } from "#components/connections/connection-queries.ts";
import { capitalise, formatBytes, formatCount, formatLatency } from "#components/lib/format.ts";
import { metricStore } from "#components/lib/metric-store.ts";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { TRAFFIC } from "./traffic-words.ts";
import { summariseDay, summariseLatency } from "./day-summary.ts";

const TICK_MS = 2_000;
const RECENT_MS = CHART_RANGES["15m"].lengthMs;

/** The last day in numbers. */
export function DayCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const scope = `tunnel:${tunnel.id}` as const;
  const query = useQuery(seriesQuery(scope, "24h"));
  const recent = useQuery(seriesQuery(scope, "15m")).data;
  const now = useChartClock(TICK_MS);
  const closed = useQuery(connectionQueries.closed({ tunnelId: tunnel.id }));
  const open = useQuery(connectionQueries.open({ tunnelId: tunnel.id }));
  const latency = useMemo(
    () => summariseLatency([...(open.data?.items ?? []), ...(closed.data?.items ?? [])]),
    [open.data, closed.data],
  );
  const { many } = TRAFFIC[tunnel.protocol];
  return (
    <Card>
      <CardHeader title="Last 24 hours" />
      <QueryView
        query={query}
        failure="The last day could not be loaded"
        skeleton={<SkeletonRows rows={3} label="Loading the last day" />}
      >
        {(series) => {
          const day = summariseDay({
            day: series,
            recent,
            live: metricStore.since(scope, now - RECENT_MS),
          });
          return (
            <CardBody>
              <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
                <Fact name={capitalise(many)}>
                  {formatCount(day.opened)}
                  {tunnel.protocol !== "http" && " opened"}
                  {day.failed > 0 && (
                    <span className="text-danger"> · {formatCount(day.failed)} failed</span>
                  )}
                </Fact>
                <Fact name="Transferred">
                  {formatBytes(day.bytesIn)} in · {formatBytes(day.bytesOut)} out
                </Fact>
                {latency !== null && tunnel.protocol !== "http" && (
                  <Fact name={`Connect time, last ${latency.count}`}>
                    p50 {formatLatency(latency.p50)} · p99 {formatLatency(latency.p99)}
                  </Fact>
                )}
              </dl>
            </CardBody>
          );
        }}
      </QueryView>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="text-right">{children}</dd>
    </>
  );
}
