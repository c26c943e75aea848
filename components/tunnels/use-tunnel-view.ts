"use client";

import { useCallback, useMemo } from "react";
import { metricStore } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import {
  filterTunnels,
  parseSort,
  printSort,
  sortTunnels,
  type SortOrder,
  type TunnelFilter,
} from "./tunnel-view.ts";

export const PROTOCOL_VALUES = ["any", "tcp", "udp", "http", "tls"] as const;
export const MODE_VALUES = ["any", "tunnel", "direct", "dual", "forced"] as const;
export const STATUS_VALUES = [
  "any",
  "active",
  "unreachable",
  "degraded",
  "served_directly",
  "pending",
  "closing",
  "off",
] as const;

/** Rows sorted by speed change places at this pace, not every second. */
const RESORT_MS = 5_000;

export interface TunnelView {
  readonly filter: TunnelFilter;
  readonly set: {
    readonly text: (value: string) => void;
    readonly protocol: (value: TunnelFilter["protocol"]) => void;
    readonly mode: (value: TunnelFilter["mode"]) => void;
    readonly status: (value: TunnelFilter["status"]) => void;
    readonly clusterId: (value: string) => void;
    readonly sort: (order: SortOrder) => void;
  };
  readonly order: SortOrder;
  readonly isFiltered: boolean;
  readonly clear: () => void;
  /** Changes with everything a person chose. */
  readonly choice: string;
  readonly rows: readonly TunnelDto[];
}

function rateOf(tunnel: TunnelDto): number {
  const metric = metricStore.latest(`tunnel:${tunnel.id}`);
  return metric === null ? 0 : metric.bytesInPerSecond + metric.bytesOutPerSecond;
}

/** Filter and sort of the table, kept in the URL, and the rows they leave. */
export function useTunnelView(tunnels: readonly TunnelDto[]): TunnelView {
  const [text, setText] = useSearchParam("q", "");
  const [protocol, setProtocol] = useSearchParam<TunnelFilter["protocol"]>(
    "protocol",
    "any",
    PROTOCOL_VALUES,
  );
  const [mode, setMode] = useSearchParam<TunnelFilter["mode"]>("mode", "any", MODE_VALUES);
  const [status, setStatus] = useSearchParam<TunnelFilter["status"]>(
    "status",
    "any",
    STATUS_VALUES,
  );
  const [clusterId, setClusterId] = useSearchParam("cluster", "any");
  const [sortText, setSort] = useSearchParam("sort", "name");
  const order = useMemo(() => parseSort(sortText), [sortText]);
  const filter = useMemo(
    () => ({ text, protocol, mode, status, clusterId }),
    [text, protocol, mode, status, clusterId],
  );
  const tick = useNow(RESORT_MS);
  const sort = useCallback((next: SortOrder) => setSort(printSort(next)), [setSort]);
  const age = order.by === "now" ? tick : 0;
  const filtered = useMemo(() => filterTunnels(tunnels, filter), [tunnels, filter]);
  const rows = useMemo(
    () => sortTunnels(filtered, order, rateOf),
    // Speed is read from outside; the age says when to read it again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [filtered, order, age],
  );
  return {
    filter,
    order,
    rows,
    choice: JSON.stringify([filter, order]),
    isFiltered: text !== "" || [protocol, mode, status, clusterId].some((value) => value !== "any"),
    clear: () => {
      setText("");
      setProtocol("any");
      setMode("any");
      setStatus("any");
      setClusterId("any");
    },
    set: {
      text: setText,
      protocol: setProtocol,
      mode: setMode,
      status: setStatus,
      clusterId: setClusterId,
      sort,
    },
  };
}
