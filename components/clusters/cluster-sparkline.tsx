"use client";

import { Sparkline } from "#components/charts/sparkline.tsx";
import { useRecentRates } from "#components/charts/use-recent-rates.ts";
import type { ClusterId } from "#protocol/api/ids.ts";

/** The last quarter of an hour of one cluster, both directions together. */
export function ClusterSparkline({ clusterId }: { readonly clusterId: ClusterId }) {
  return <Sparkline points={useRecentRates(`cluster:${clusterId}`)} label="" />;
}
