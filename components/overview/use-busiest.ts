"use client";

import { useMemo, useState } from "react";
import { metricStore, useLatestMetric } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

/** Rows change places at most this often. */
const REORDER_MS = 5_000;
const RECENT_MS = 10_000;

/** The busiest tunnels by what flows now, then by open connections, then by what ever flowed. */
export function busiest(
  tunnels: readonly TunnelDto[],
  rowCount: number,
  rateOf: (tunnel: TunnelDto) => number,
): TunnelDto[] {
  const bytes = (tunnel: TunnelDto): number => tunnel.bytes.in + tunnel.bytes.out;
  return [...tunnels]
    .sort(
      (a, b) =>
        rateOf(b) - rateOf(a) ||
        b.connections.open - a.connections.open ||
        bytes(b) - bytes(a) ||
        a.id.localeCompare(b.id),
    )
    .slice(0, rowCount);
}

/** Over the last seconds, so that one burst does not turn the order over. */
function recentRate({ id }: TunnelDto, now: number): number {
  const points = metricStore.since(`tunnel:${id}`, now - RECENT_MS);
  const sum = points.reduce((total, p) => total + p.bytesInPerSecond + p.bytesOutPerSecond, 0);
  return points.length === 0 ? 0 : sum / points.length;
}

/** The busiest tunnels; the order stays while it is held. */
export function useBusiest(
  tunnels: readonly TunnelDto[],
  rowCount: number,
  isHeld: boolean,
): TunnelDto[] {
  const tick = useNow(REORDER_MS);
  const hasFigures = useLatestMetric("fleet") !== null;
  const [kept, setKept] = useState<readonly string[]>([]);
  const order = useMemo(
    // Anew from time to time, and as soon as there are figures.
    () => busiest(tunnels, rowCount, (tunnel) => (hasFigures ? recentRate(tunnel, tick) : 0)),
    [tunnels, rowCount, tick, hasFigures],
  );
  const byId = new Map(tunnels.map((tunnel) => [tunnel.id as string, tunnel]));
  const held = kept.map((id) => byId.get(id)).filter((tunnel) => tunnel !== undefined);
  if (isHeld && held.length > 0) return held;
  const ids = order.map(({ id }) => id);
  if (ids.join() !== kept.join()) setKept(ids);
  return order;
}
