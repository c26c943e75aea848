"use client";

import { useQuery } from "@tanstack/react-query";
import { clusterQueries } from "#components/clusters/cluster-queries.ts";
import { fleetTotals, type FleetTotals } from "#components/clusters/cluster-reducer.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";

/** The fleet in numbers; null until known. Open connections are those of the last second. */
export function useFleetTotals(): FleetTotals | null {
  const { data } = useQuery(clusterQueries.list());
  const latest = useLatestMetric("fleet");
  if (data === undefined) return null;
  const totals = fleetTotals(data.items);
  return latest === null ? totals : { ...totals, connectionsOpen: latest.connectionsOpen };
}
