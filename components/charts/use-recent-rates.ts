"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { metricStore } from "#components/lib/metric-store.ts";
import { CHART_RANGES } from "./chart-ranges.ts";
import { mergePoints, toRatePoints, toTableRows } from "./rate-points.ts";
import { seriesQuery, type SeriesScope } from "./series-queries.ts";
import { useChartClock } from "./use-chart-clock.ts";

const RANGE = CHART_RANGES["15m"];
const POINTS = 45;
const TICK_MS = 10_000;

/** The last quarter of an hour, both directions together, oldest first: what a sparkline draws. */
export function useRecentRates(scope: SeriesScope): (number | null)[] {
  const { data } = useQuery(seriesQuery(scope, "15m"));
  const now = useChartClock(TICK_MS);
  return useMemo(() => {
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
}
