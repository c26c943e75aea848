"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { LatencyChart, type LatencyPoint } from "#components/charts/latency-chart.tsx";
import { connectionQueries } from "#components/connections/connection-queries.ts";
import { requestQueries } from "#components/requests/request-queries.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { TRAFFIC } from "./traffic-words.ts";

interface LatencyCardProps {
  readonly tunnel: Pick<TunnelDto, "id" | "protocol">;
}

/** How long the newest clients of a tunnel waited for the service. */
export function LatencyCard({ tunnel }: LatencyCardProps) {
  return tunnel.protocol === "http" ? (
    <FirstByteCard tunnel={tunnel} />
  ) : (
    <ConnectTimeCard tunnel={tunnel} />
  );
}

function ConnectTimeCard({ tunnel: { id: tunnelId, protocol } }: LatencyCardProps) {
  const open = useQuery(connectionQueries.open({ tunnelId }));
  const closed = useQuery(connectionQueries.closed({ tunnelId }));
  const points = useMemo(
    () =>
      toPoints(
        [...(open.data?.items ?? []), ...(closed.data?.items ?? [])].map(
          ({ openedAt, openLatencyMs }) => ({ at: openedAt, latencyMs: openLatencyMs }),
        ),
      ),
    [open.data, closed.data],
  );
  const error = open.error ?? closed.error;
  const { one, many } = TRAFFIC[protocol];
  return (
    <LatencyChart
      words={{ title: "Connect time", one, many, done: "was opened" }}
      points={points}
      query={{
        isPending: open.isPending || closed.isPending,
        error: open.data === undefined || closed.data === undefined ? error : null,
        retry: () => {
          void open.refetch();
          void closed.refetch();
        },
      }}
    />
  );
}

function FirstByteCard({ tunnel }: LatencyCardProps) {
  const query = useQuery(requestQueries.last(tunnel.id));
  const points = useMemo(
    () =>
      toPoints(
        (query.data?.items ?? []).map(({ at, firstByteMs }) => ({ at, latencyMs: firstByteMs })),
      ),
    [query.data],
  );
  return (
    <LatencyChart
      words={{ title: "Time to first byte", one: "request", many: "requests", done: "was made" }}
      points={points}
      query={{
        isPending: query.isPending,
        error: query.data === undefined ? query.error : null,
        retry: () => void query.refetch(),
      }}
    />
  );
}

interface Measured {
  readonly at: string;
  readonly latencyMs: number | null;
}

/** Oldest first, without those that were never answered. */
function toPoints(measured: readonly Measured[]): LatencyPoint[] {
  return measured
    .map(({ at, latencyMs }) => ({ at: new Date(at).getTime(), latencyMs }))
    .filter((point): point is LatencyPoint => point.latencyMs !== null)
    .toSorted((a, b) => a.at - b.at);
}
