"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { formatCount, formatRate } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { ModeChip } from "#components/tunnels/mode-chip.tsx";
import { SiteLink } from "#components/tunnels/site-link.tsx";
import { siteUrl } from "#components/tunnels/site-url.ts";
import { mainEndpoint } from "#components/tunnels/tunnel-endpoints.ts";
import { tunnelName } from "#components/tunnels/tunnel-name.ts";
import { tunnelQueries } from "#components/tunnels/tunnel-queries.ts";
import { TunnelSparkline } from "#components/tunnels/tunnel-sparkline.tsx";
import { PROTOCOLS, STATUSES, tunnelStatus } from "#components/tunnels/tunnel-words.ts";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { TunnelIcon } from "#components/ui/icons.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Dot } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { useBusiest } from "./use-busiest.ts";

const ROWS = 5;

/** Where most flows, the order settled while the pointer is over it. */
export function BusiestTunnels() {
  const query = useQuery(tunnelQueries.list());
  const count = query.data?.items.length ?? 0;
  return (
    <Card>
      <CardHeader
        title="Busiest tunnels"
        actions={
          count > 0 && (
            <Link href="/tunnels" className="rounded-sm text-xs text-muted hover:text-fg">
              {count > ROWS ? `All ${formatCount(count)} tunnels` : "All tunnels"}
            </Link>
          )
        }
      />
      <QueryView query={query} failure="The tunnels could not be loaded">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={TunnelIcon} title="No tunnel is published yet">
              Tunnels appear as agents discover Gateways, or when one is started with{" "}
              <code className="mono">--expose</code>.
            </EmptyState>
          ) : (
            <Busiest tunnels={items} />
          )
        }
      </QueryView>
    </Card>
  );
}

function Busiest({ tunnels }: { readonly tunnels: readonly TunnelDto[] }) {
  const [isHeld, setHeld] = useState(false);
  const shown = useBusiest(tunnels, ROWS, isHeld);
  return (
    <div onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
      <Table caption="Busiest tunnels">
        <TableHead>
          <Th>Tunnel</Th>
          <Th>Mode</Th>
          <Th isWide>Endpoint</Th>
          <Th isNumber isWide>
            Open
          </Th>
          <Th isNumber>Now</Th>
          <Th className="hidden min-[1400px]:table-cell">
            <span className="sr-only">Last minutes</span>
          </Th>
        </TableHead>
        <TableBody>
          {shown.map((tunnel) => (
            <BusyRow key={tunnel.id} tunnel={tunnel} />
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function BusyRow({ tunnel }: { readonly tunnel: TunnelDto }) {
  const latest = useLatestMetric(`tunnel:${tunnel.id}`);
  const status = STATUSES[tunnelStatus(tunnel)];
  const endpoint = mainEndpoint(tunnel);
  const site = siteUrl(tunnel);
  const rate = latest === null ? 0 : latest.bytesInPerSecond + latest.bytesOutPerSecond;
  return (
    <TableRow>
      <Td>
        <span className="flex items-center gap-[7px]" title={status.word}>
          <Dot tone={status.tone} />
          <span className="sr-only">{status.word}:</span>
          <Link
            href={`/tunnels/${tunnel.id}`}
            className="max-w-52 truncate rounded-sm font-medium underline-offset-[3px] hover:underline"
          >
            {tunnelName(tunnel)}
          </Link>
        </span>
        <span className="ml-[15px] block text-xs text-muted">
          {tunnel.clusterName} · {PROTOCOLS[tunnel.protocol]}
        </span>
      </Td>
      <Td>
        <ModeChip tunnel={tunnel} />
      </Td>
      <Td isWide className="text-muted">
        {endpoint === null ? (
          "–"
        ) : (
          <span className="inline-flex items-center gap-1">
            {site === null ? (
              <EndpointText address={endpoint.address} />
            ) : (
              <SiteLink url={site}>
                <EndpointText address={endpoint.address} />
              </SiteLink>
            )}
            <span className="hidden min-[1400px]:inline">
              <CopyButton text={endpoint.address} what="endpoint" />
            </span>
          </span>
        )}
      </Td>
      <Td isNumber isWide>
        {formatCount(latest?.connectionsOpen ?? tunnel.connections.open)}
      </Td>
      <Td isNumber className={rate > 0 ? undefined : "text-faint"}>
        {formatRate(rate)}
      </Td>
      <Td className="hidden w-28 min-[1400px]:table-cell">
        <TunnelSparkline tunnelId={tunnel.id} />
      </Td>
    </TableRow>
  );
}

/** Host names may be long: what does not fit is on hover, and on the tunnel's page. */
function EndpointText({ address }: { readonly address: string }) {
  return (
    <span className="mono block max-w-[216px] truncate min-[1400px]:max-w-[280px]" title={address}>
      {address}
    </span>
  );
}
