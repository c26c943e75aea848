"use client";

import { metricStore, useLatestMetric } from "#components/lib/metric-store.ts";
import type { LiveRoom } from "#protocol/live/events.ts";

const BUCKETS = 40;
const BUCKET_MS = 5_000;

/** In and out together over the last minutes, in few enough steps for a sparkline; null before the first figure. */
export function useRecentRates(scope: LiveRoom): number[] {
  const latest = useLatestMetric(scope);
  if (latest === null) return [];
  const end = Math.ceil(latest.at / BUCKET_MS) * BUCKET_MS;
  const start = end - BUCKETS * BUCKET_MS;
  const points = metricStore.since(scope, start);
  const values: number[] = [];
  let held = points[0] ? points[0].bytesInPerSecond + points[0].bytesOutPerSecond : 0;
  for (let index = 0; index < BUCKETS; index += 1) {
    const from = start + index * BUCKET_MS;
    const inside = points.filter(({ at }) => at > from && at <= from + BUCKET_MS);
    const last = inside.at(-1);
    // Only what changes is sent: a silent bucket is as the one before.
    if (last !== undefined) held = last.bytesInPerSecond + last.bytesOutPerSecond;
    values.push(held);
  }
  return values;
}
