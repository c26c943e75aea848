"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { clusterQueries } from "#components/clusters/cluster-queries.ts";
import { connectionQueries } from "#components/connections/connection-queries.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import { settingsQueries } from "#components/settings/settings-queries.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { PathCard } from "./path-card.tsx";
import { drawPath } from "./tunnel-path.ts";
import { drawWays } from "./tunnel-ways.ts";

const MINUTE_MS = 60_000;

/** The path, from everything that is known of its hops. */
export function LivePath({ tunnel }: { readonly tunnel: TunnelDto }) {
  const cluster = useQuery(clusterQueries.detail(tunnel.clusterId)).data;
  const agents = useQuery(clusterQueries.agents(tunnel.clusterId)).data?.items;
  const relays = useQuery(settingsQueries.get()).data?.relays;
  const open = useQuery(connectionQueries.open({ tunnelId: tunnel.id })).data?.items;
  const isHttp = tunnel.protocol === "http";
  const metric = useLatestMetric(`tunnel:${tunnel.id}`);
  const now = useNow(MINUTE_MS);
  const counted = metric?.connectionsOpen ?? tunnel.connections.open;
  // Most requests of HTTP are over before they could be listed.
  const openCount = isHttp ? counted : (open?.length ?? counted);
  const hops = useMemo(
    () =>
      drawPath({
        tunnel,
        cluster,
        agents,
        relays,
        open,
        bytesPerSecond: metric === null ? null : metric.bytesInPerSecond + metric.bytesOutPerSecond,
        openCount,
      }),
    [tunnel, cluster, agents, relays, open, metric, openCount],
  );
  return <PathCard tunnel={tunnel} hops={hops} ways={drawWays({ tunnel, openCount, now })} />;
}
