"use client";

import { useState } from "react";
import { metricStore } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

/** Rows change places at most this often. */
const REORDER_MS = 5_000;

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

function rateNow({ id }: TunnelDto): number {
  const latest = metricStore.latest(`tunnel:${id}`);
  return latest === null ? 0 : latest.bytesInPerSecond + latest.bytesOutPerSecond;
}

/** The busiest tunnels; the order stays while it is held. */
export function useBusiest(
  tunnels: readonly TunnelDto[],
  rowCount: number,
  isHeld: boolean,
): TunnelDto[] {
  // Only to be drawn again from time to time.
  useNow(REORDER_MS);
  const [kept, setKept] = useState<readonly string[]>([]);
  const byId = new Map(tunnels.map((tunnel) => [tunnel.id as string, tunnel]));
  const held = kept.map((id) => byId.get(id)).filter((tunnel) => tunnel !== undefined);
  if (isHeld && held.length > 0) return held;
  const order = busiest(tunnels, rowCount, rateNow);
  const ids = order.map(({ id }) => id);
  if (ids.join() !== kept.join()) setKept(ids);
  return order;
}
