"use client";

import { formatThreeDigits } from "#components/lib/format.ts";
import { CountChart } from "./count-chart.tsx";
import { useOpenedRate } from "./use-opened-rate.ts";
import type { SeriesScope } from "./series-queries.ts";
import { useChartRange } from "./throughput-chart.tsx";
import { useRatePoints } from "./use-rate-points.ts";

/** How many requests began, a second: most are over before they could be counted as open. */
export function RequestsChart({ scope }: { readonly scope: SeriesScope }) {
  const [range] = useChartRange();
  const view = useRatePoints(scope, range);
  return (
    <CountChart
      title="Requests a second"
      view={view}
      figure="opened"
      now={useOpenedRate(scope)}
      format={formatThreeDigits}
      say={(rate) => `${formatThreeDigits(rate)} a second`}
    />
  );
}
