"use client";

import { useQuery } from "@tanstack/react-query";
import { AuditList } from "#components/activity/audit-list.tsx";
import { ConnectionsChart } from "#components/charts/connections-chart.tsx";
import { RequestsChart } from "#components/charts/requests-chart.tsx";
import { ThroughputChart } from "#components/charts/throughput-chart.tsx";
import { TunnelConnectionsCard } from "#components/connections/tunnel-connections-card.tsx";
import { useConnectionsLive } from "#components/connections/use-connections-live.ts";
import { usePageCrumb } from "#components/layout/crumb-store.ts";
import { ApiError } from "#components/lib/api-client.ts";
import { LastRequestsCard } from "#components/requests/last-requests-card.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { TunnelIcon } from "#components/ui/icons.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { TunnelDto, TunnelHttpDto } from "#protocol/api/tunnels.ts";
import { BackendsCard } from "./backends-card.tsx";
import { ConnectionKitCard } from "./connection-kit-card.tsx";
import { DatagramsCard } from "./datagrams-card.tsx";
import { DayCard } from "./day-card.tsx";
import { HttpFiguresCard } from "./http-figures-card.tsx";
import { LatencyCard } from "./latency-card.tsx";
import { LivePath } from "./live-path.tsx";
import { PolicyCard } from "./policy-card.tsx";
import { RoutingCard } from "./routing-card.tsx";
import { siteHost } from "./site-url.ts";
import { TRAFFIC } from "./traffic-words.ts";
import { TunnelHeader } from "./tunnel-header.tsx";
import { tunnelName } from "./tunnel-name.ts";
import { tunnelQueries } from "./tunnel-queries.ts";
import { useTunnelsLive } from "./use-tunnels-live.ts";

const EVENTS_SHOWN = 6;
/** Changes of a tunnel are told at once; its figures grow without being one. */
const FIGURES_REFETCH_MS = 2_000;
const COLUMN =
  "contents min-[1100px]:flex min-[1100px]:min-w-0 min-[1100px]:flex-col min-[1100px]:gap-5";

/** Everything about one tunnel on one page. */
export function TunnelPageView({ tunnelId }: { readonly tunnelId: string }) {
  const query = useQuery(tunnelQueries.detail(tunnelId));
  useConnectionsLive(`tunnel:${tunnelId}`);
  useTunnelsLive();
  usePageCrumb(query.data === undefined ? null : tunnelName(query.data));
  if (query.error instanceof ApiError && query.error.code === "not_found") return <Gone />;
  return (
    <QueryView query={query} failure="The tunnel could not be loaded" skeleton={<PageSkeleton />}>
      {(tunnel) => <LoadedTunnel tunnel={tunnel} />}
    </QueryView>
  );
}

function LoadedTunnel({ tunnel }: { readonly tunnel: TunnelDto }) {
  const scope = `tunnel:${tunnel.id}` as const;
  return (
    <>
      <TunnelHeader tunnel={tunnel} />
      <LivePath tunnel={tunnel} />
      {tunnel.datagrams !== null && <DatagramsCard tunnel={tunnel} datagrams={tunnel.datagrams} />}
      {tunnel.http !== null && <HttpParts tunnel={tunnel} http={tunnel.http} />}
      <div className="grid grid-cols-1 items-start gap-5 min-[1100px]:grid-cols-[minmax(0,1fr)_372px]">
        {/* One column below 1100 px: what people come for stands first. */}
        <div className={COLUMN}>
          <ThroughputChart scope={scope} />
          <TunnelConnectionsCard
            tunnelId={tunnel.id}
            name={tunnelName(tunnel)}
            protocol={tunnel.protocol}
          />
          <div className="order-2 grid grid-cols-1 gap-5 sm:grid-cols-2">
            {tunnel.protocol === "http" ? (
              <RequestsChart scope={scope} />
            ) : (
              <ConnectionsChart scope={scope} words={TRAFFIC[tunnel.protocol]} />
            )}
            <LatencyCard tunnel={tunnel} />
          </div>
          <div className="order-2 grid grid-cols-1 items-start gap-5 sm:grid-cols-2">
            <BackendsCard tunnel={tunnel} />
            <PolicyCard tunnel={tunnel} />
          </div>
        </div>
        <div className={COLUMN}>
          <div className="order-1">
            <RoutingCard tunnel={tunnel} />
          </div>
          <div className="order-1">
            <ConnectionKitCard tunnel={tunnel} />
          </div>
          <div className="order-3">
            <DayCard tunnel={tunnel} />
          </div>
          <div className="order-3">
            <Card>
              <CardHeader title="Events" />
              <AuditList
                filter={{ objectKind: "tunnel", objectId: tunnel.id }}
                limit={EVENTS_SHOWN}
              />
            </Card>
          </div>
        </div>
      </div>
    </>
  );
}

interface HttpPartsProps {
  readonly tunnel: TunnelDto;
  readonly http: TunnelHttpDto;
}

/** What only HTTP has, in its own terms. */
function HttpParts({ tunnel, http }: HttpPartsProps) {
  useQuery({ ...tunnelQueries.detail(tunnel.id), refetchInterval: FIGURES_REFETCH_MS });
  return (
    <>
      <HttpFiguresCard tunnel={tunnel} http={http} />
      <LastRequestsCard
        tunnelId={tunnel.id}
        host={siteHost(http.siteUrl)}
        hasManyBackends={tunnel.backends.length > 1}
      />
    </>
  );
}

function Gone() {
  return (
    <Card>
      <EmptyState
        icon={TunnelIcon}
        title="This tunnel is gone"
        action={<ButtonLink href="/tunnels">All tunnels</ButtonLink>}
      >
        Its Gateway listener was removed, or the address is not right.
      </EmptyState>
    </Card>
  );
}

function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading the tunnel" className="flex flex-col gap-5">
      <Skeleton className="h-12 w-80" />
      <Skeleton className="h-24 w-full rounded-lg" />
      <div className="grid gap-5 min-[1100px]:grid-cols-[minmax(0,1fr)_372px]">
        <Skeleton className="h-72 w-full rounded-lg" />
        <Skeleton className="h-72 w-full rounded-lg" />
      </div>
    </div>
  );
}
