"use client";

import { formatCount, plural } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { CountChart } from "./count-chart.tsx";
import type { SeriesScope } from "./series-queries.ts";
import { useChartRange } from "./throughput-chart.tsx";
import { useRatePoints } from "./use-rate-points.ts";

interface ConnectionsChartProps {
  readonly scope: SeriesScope;
  /** What is open: one of them, and several. */
  readonly words: { readonly one: string; readonly many: string };
}

/** How many connections were open. */
export function ConnectionsChart({ scope, words }: ConnectionsChartProps) {
  const [range] = useChartRange();
  const view = useRatePoints(scope, range);
  const metric = useLatestMetric(scope);
  return (
    <CountChart
      title={`Open ${words.many}`}
      view={view}
      figure="open"
      now={metric?.connectionsOpen ?? view.points.at(-1)?.open ?? null}
      format={formatCount}
      say={(count) => plural(count, words.one, words.many)}
    />
  );
}
