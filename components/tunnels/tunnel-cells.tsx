"use client";

import { ArrowDownLeft, ArrowUpRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { formatExact, formatRate, formatRelative } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Status } from "#components/ui/status.tsx";
import type { EndpointDto, TunnelDto } from "#protocol/api/tunnels.ts";
import { SiteLink } from "./site-link.tsx";
import { siteUrl } from "./site-url.ts";
import { endpointsInForce } from "./tunnel-endpoints.ts";
import { tunnelName } from "./tunnel-name.ts";
import { errorLabel, serviceTrouble } from "./tunnel-trouble.ts";
import { MODES, PROTOCOLS, splitAddress, STATUSES, tunnelStatus } from "./tunnel-words.ts";

const MINUTE_MS = 60_000;

export const tunnelHref = (tunnelId: string): string => `/tunnels/${tunnelId}`;

interface TunnelCellProps {
  readonly tunnel: TunnelDto;
}

/** Name, and where it comes from. */
export function NameCell({
  tunnel,
  hasCluster,
}: TunnelCellProps & { readonly hasCluster: boolean }) {
  const { clusterName, protocol, gateway } = tunnel;
  return (
    <div className="min-w-0">
      <Link
        href={tunnelHref(tunnel.id)}
        className="block truncate rounded-sm font-medium"
        title={tunnelName(tunnel)}
      >
        {tunnelName(tunnel)}
      </Link>
      <div className="truncate text-xs text-muted">
        {hasCluster && `${clusterName} · `}
        {PROTOCOLS[protocol]} · {gateway.namespace}/{gateway.name}
      </div>
    </div>
  );
}

/** A word; below it what is wrong, where something is. */
export function StatusCell({ tunnel }: TunnelCellProps) {
  const { word, tone } = STATUSES[tunnelStatus(tunnel)];
  return (
    <div className="min-w-0">
      <Status tone={tone}>{word}</Status>
      <TroubleLine tunnel={tunnel} />
    </div>
  );
}

export function TroubleLine({ tunnel }: TunnelCellProps) {
  const now = useNow(MINUTE_MS);
  const { phaseReason, lastError, enabled, protocol } = tunnel;
  if (phaseReason !== null && enabled) {
    return <Line title={phaseReason}>{phaseReason}</Line>;
  }
  if (lastError === null) return null;
  const title = `${errorLabel(lastError.reason, protocol)}, ${formatExact(lastError.at)}`;
  const trouble = serviceTrouble(tunnel);
  if (trouble !== null) {
    return (
      <Line title={title} isError>
        {trouble.label}
      </Line>
    );
  }
  // What a tunnel went through is history, no alarm: the time stands first, and is never what is cut off.
  // The last minute's errors are newer than `now`.
  return (
    <Line title={title}>
      {formatRelative(lastError.at, Math.max(now, Date.parse(lastError.at)))}:{" "}
      {errorLabel(lastError.reason, protocol)}
    </Line>
  );
}

interface LineProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly isError?: boolean;
}

function Line({ title, children, isError = false }: LineProps) {
  return (
    <div title={title} className={cn("truncate text-xs", isError ? "text-danger" : "text-muted")}>
      {children}
    </div>
  );
}

/** What clients may connect to now, one line each. */
export function EndpointCell({ tunnel }: TunnelCellProps) {
  const endpoints = endpointsInForce(tunnel);
  if (endpoints.length === 0) return <span className="text-faint">not published</span>;
  return (
    <div className="min-w-0">
      {endpoints.map((endpoint) => (
        <EndpointLine
          key={endpoint.kind}
          endpoint={endpoint}
          site={endpoint.kind === "edge" ? siteUrl(tunnel) : null}
        />
      ))}
    </div>
  );
}

interface EndpointLineProps {
  readonly endpoint: EndpointDto;
  /** What a browser opens there; null where that is no site. */
  readonly site: string | null;
}

function EndpointLine({ endpoint, site }: EndpointLineProps) {
  const { host, port } = splitAddress(endpoint.address);
  const isDirect = endpoint.kind === "direct";
  const text = (
    <>
      <span className="truncate">{host.includes(":") ? `[${host}]` : host}</span>
      {port !== "" && <span>:{port}</span>}
    </>
  );
  return (
    // Two lines fit into a row of the table.
    <span className="flex h-[22px] min-w-0 items-center gap-1">
      {isDirect && (
        <span className="shrink-0 text-success" title="Direct: the Gateway's own address">
          <Icon icon={MODES.direct.icon} size={12} label="Direct" />
        </span>
      )}
      {site === null ? (
        <span className="mono flex min-w-0 text-muted" title={endpoint.address}>
          {text}
        </span>
      ) : (
        <SiteLink url={site}>
          <span className="mono flex min-w-0">{text}</span>
        </SiteLink>
      )}
      <CopyButton text={endpoint.address} what={isDirect ? "direct endpoint" : "endpoint"} />
    </span>
  );
}

/** Open connections, of the last second. */
export function OpenCell({ tunnel }: TunnelCellProps) {
  const metric = useLatestMetric(`tunnel:${tunnel.id}`);
  const open = metric?.connectionsOpen ?? tunnel.connections.open;
  return <span className={open === 0 ? "text-faint" : undefined}>{open}</span>;
}

/** In and out of the last second; one quiet 0 where nothing flows. */
export function RateCell({
  tunnel,
  quietWord = "0",
}: TunnelCellProps & { readonly quietWord?: string }) {
  const metric = useLatestMetric(`tunnel:${tunnel.id}`);
  const bytesIn = metric?.bytesInPerSecond ?? 0;
  const bytesOut = metric?.bytesOutPerSecond ?? 0;
  if (isQuiet(bytesIn) && isQuiet(bytesOut)) {
    return <span className="text-faint">{quietWord}</span>;
  }
  return (
    <div className="text-xs">
      <Rate icon={ArrowDownLeft} label="in" perSecond={bytesIn} tone="text-in" />
      <Rate icon={ArrowUpRight} label="out" perSecond={bytesOut} tone="text-out" />
    </div>
  );
}

const isQuiet = (perSecond: number): boolean => perSecond < 0.0625;

interface RateProps {
  readonly icon: typeof ArrowDownLeft;
  readonly label: string;
  readonly perSecond: number;
  readonly tone: string;
}

function Rate({ icon, label, perSecond, tone }: RateProps) {
  return (
    <div className="flex items-center justify-end gap-1.5">
      <span className={isQuiet(perSecond) ? "text-faint" : undefined}>{formatRate(perSecond)}</span>
      <span className={isQuiet(perSecond) ? "text-faint" : tone}>
        <Icon icon={icon} size={12} label={label} />
      </span>
    </div>
  );
}
