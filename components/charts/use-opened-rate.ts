"use client";

import { metricStore } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import { openedPerSecond } from "./opened-rate.ts";
import type { SeriesScope } from "./series-queries.ts";

/** Opened a second, over the last seconds; null before the first measurement. */
export function useOpenedRate(scope: SeriesScope): number | null {
  const now = useNow();
  return openedPerSecond(metricStore.since(scope, 0), now);
}
