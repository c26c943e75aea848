"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { CHART_RANGES } from "#components/charts/chart-ranges.ts";
import { mergePoints, toRatePoints, toTableRows } from "#components/charts/rate-points.ts";
import { seriesQuery } from "#components/charts/series-queries.ts";
import { Sparkline } from "#components/charts/sparkline.tsx";
import { useChartClock } from "#components/charts/use-chart-clock.ts";
import { metricStore } from "#components/lib/metric-store.ts";
import type { ClusterId } from "#protocol/api/ids.ts";

const RANGE = CHART_RANGES["15m"];
const POINTS = 45;
const TICK_MS = 10_000;

/** The last quarter of an hour of one cluster, both directions together. */
export function ClusterSparkline({ clusterId }: { readonly clusterId: ClusterId }) {
  const scope = `cluster:${clusterId}` as const;
  const { data } = useQuery(seriesQuery(scope, "15m"));
  const now = useChartClock(TICK_MS);
  const points = useMemo(() => {
    if (data === undefined) return [];
    const fromMs = now - RANGE.lengthMs;
    const merged = mergePoints({
      history: toRatePoints(data),
      historyToMs: new Date(data.to).getTime(),
      live: metricStore.since(scope, fromMs),
      fromMs,
      truthMs: now,
      liveStepMs: TICK_MS,
    });
    return toTableRows(merged, fromMs, now, POINTS)
      .toReversed()
      .map((row) => (row.in === null ? null : row.in + (row.out ?? 0)));
  }, [data, scope, now]);
  return <Sparkline points={points} label="" />;
}
