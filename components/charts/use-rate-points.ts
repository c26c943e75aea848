"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useLiveStatus } from "#components/lib/live-status.ts";
import { metricStore } from "#components/lib/metric-store.ts";
import { useLiveRoom } from "#components/lib/use-live-room.ts";
import { CHART_RANGES, type ChartRangeName } from "./chart-ranges.ts";
import { mergePoints, toRatePoints, type RatePoint } from "./rate-points.ts";
import { seriesQuery, type SeriesScope } from "./series-queries.ts";
import { useChartClock } from "./use-chart-clock.ts";

export interface RateView {
  readonly query: { readonly isPending: boolean; readonly error: Error | null; retry: () => void };
  readonly points: readonly RatePoint[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a chart of one scope shows now: history, then live seconds, moving on with the time. */
export function useRatePoints(scope: SeriesScope, rangeName: ChartRangeName): RateView {
  const range = CHART_RANGES[rangeName];
  const query = useQuery(seriesQuery(scope, rangeName));
  const now = useChartClock(range.tickMs);
  const live = useLiveStatus();
  useLiveRoom(scope);

  const dto = query.data;
  const history = useMemo(() => (dto === undefined ? [] : toRatePoints(dto)), [dto]);
  const historyToMs = useMemo(() => (dto === undefined ? 0 : new Date(dto.to).getTime()), [dto]);
  const fromMs = now - range.lengthMs;
  const truthMs = live.state === "live" ? now : Math.min(now, live.truthAt ?? 0);
  const points = useMemo(
    () =>
      mergePoints({
        history,
        historyToMs,
        live: metricStore.since(scope, fromMs),
        fromMs,
        truthMs,
        liveStepMs: range.liveStepMs,
      }),
    [history, historyToMs, scope, fromMs, truthMs, range.liveStepMs],
  );
  return {
    query: {
      isPending: query.isPending,
      error: query.data === undefined ? query.error : null,
      retry: () => void query.refetch(),
    },
    points,
    fromMs,
    toMs: now,
  };
}
