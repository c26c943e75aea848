"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { CHART_RANGES } from "#components/charts/chart-ranges.ts";
import { mergePoints, toRatePoints, toTableRows } from "#components/charts/rate-points.ts";
import { seriesQuery } from "#components/charts/series-queries.ts";
import { Sparkline } from "#components/charts/sparkline.tsx";
import { useChartClock } from "#components/charts/use-chart-clock.ts";
import { metricStore } from "#components/lib/metric-store.ts";

const RANGE = CHART_RANGES["15m"];
const POINTS = 45;
const TICK_MS = 10_000;
/** Rows that only fly past while scrolling ask for nothing. */
const SETTLE_MS = 250;

/** The last quarter of an hour of one tunnel, both directions together. */
export function TunnelSparkline({ tunnelId }: { readonly tunnelId: string }) {
  const [isSettled, setSettled] = useState(false);
  // Waits until the row stays on show.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isSettled ? <SettledSparkline tunnelId={tunnelId} /> : null;
}

function SettledSparkline({ tunnelId }: { readonly tunnelId: string }) {
  const scope = `tunnel:${tunnelId}` as const;
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
  const isQuiet = points.every((point) => point === null || point === 0);
  return (
    <Sparkline points={points} label="" tone={isQuiet ? "quiet" : "in"} width={92} height={24} />
  );
}
