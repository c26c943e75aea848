"use client";

import { X } from "lucide-react";
import Link from "next/link";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatExact,
  formatRate,
} from "#components/lib/format.ts";
import { requestVerb } from "#components/requests/request-words.ts";
import { MODES } from "#components/tunnels/tunnel-words.ts";
import { useNow } from "#components/lib/use-now.ts";
import { Button } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { CLOSE_REASONS, type ConnectionDto } from "#protocol/api/connections.ts";
import { Status } from "#components/ui/status.tsx";
import { useConnectionRates } from "./connection-rates.ts";
import type { ConnectionPlace } from "./connection-view.ts";

interface ConnectionCellProps {
  readonly connection: ConnectionDto;
}

/** Open, but the service has not answered yet. */
export function isOpening({ openLatencyMs, closedAt }: ConnectionDto): boolean {
  return openLatencyMs === null && closedAt === null;
}

export function ClientCell({ connection }: ConnectionCellProps) {
  return (
    <span className="mono" title={connection.clientAddress}>
      {connection.clientAddress}
      {isOpening(connection) && <span className="ml-2 font-sans text-xs text-muted">opening…</span>}
    </span>
  );
}

/** What was asked for on HTTP: `WebSocket /chat`. */
export function RequestCell({ connection }: ConnectionCellProps) {
  const { request } = connection;
  if (request === null) return null;
  const verb = requestVerb(request);
  return (
    <span className="mono flex min-w-0 gap-2" title={`${verb} ${request.host}${request.path}`}>
      <span className="shrink-0 text-muted">{verb}</span>
      <span className="truncate">{request.path}</span>
    </span>
  );
}

/** WebSocket messages, in and out. */
export function MessagesCell({ connection }: ConnectionCellProps) {
  const { messages } = connection;
  if (messages === null) return <span className="text-faint">–</span>;
  return (
    <>
      <span className="whitespace-nowrap">{formatCount(messages.in)} in</span>{" "}
      <span className="whitespace-nowrap text-muted">{formatCount(messages.out)} out</span>
    </>
  );
}

interface PlaceCellProps extends ConnectionCellProps {
  /** Null: the tunnel is gone; undefined: it is not known yet. */
  readonly place: ConnectionPlace | null | undefined;
}

export function PlaceCell({ connection, place }: PlaceCellProps) {
  if (place === undefined) return null;
  if (place === null) return <span className="text-faint">removed</span>;
  return (
    <div className="min-w-0">
      <Link
        href={`/tunnels/${connection.tunnelId}`}
        className="block truncate rounded-sm font-medium hover:underline"
      >
        {place.tunnelName}
      </Link>
      <div className="truncate text-xs text-muted">{place.clusterName}</div>
    </div>
  );
}

/** Which way its bytes go: the agent's name, or the relay by itself. */
export function ViaCell({ connection }: ConnectionCellProps) {
  const { via, agentName } = connection;
  if (via === "direct") {
    return (
      <span
        className="inline-flex items-center gap-1.5 text-muted"
        title="Connected by the relay to the Gateway's own address"
      >
        <Icon icon={MODES.direct.icon} size={13} />
        direct
      </span>
    );
  }
  return (
    <span className="text-muted" title={agentName ?? undefined}>
      {agentName ?? "none"}
    </span>
  );
}

/** For how long; the exact moment on hover. */
export function AgeCell({ at }: { readonly at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={formatExact(at)} className="text-muted">
      {formatDuration(Math.max(1_000, now - new Date(at).getTime()))}
    </time>
  );
}

const QUIET_MS = 2_000;

export function IdleCell({ connection }: ConnectionCellProps) {
  const now = useNow();
  const idleMs = now - new Date(connection.lastActivityAt).getTime();
  if (idleMs < QUIET_MS) return <span className="text-faint">–</span>;
  return <AgeCell at={connection.lastActivityAt} />;
}

export function BytesCell({ bytes }: { readonly bytes: number }) {
  return <span className={bytes === 0 ? "text-faint" : undefined}>{formatBytes(bytes)}</span>;
}

export function RateCell({ connection }: ConnectionCellProps) {
  const rates = useConnectionRates();
  useNow();
  const perSecond = rates.perSecond(connection.id);
  const text = formatRate(perSecond);
  return <span className={text === "0" ? "text-faint" : undefined}>{text}</span>;
}

interface CloseCellProps extends ConnectionCellProps {
  readonly onClose: (connection: ConnectionDto) => void;
}

export function CloseCell({ connection, onClose }: CloseCellProps) {
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      aria-label={`Close the connection of ${connection.clientAddress}`}
      title="Close this connection"
      onClick={() => onClose(connection)}
    >
      <Icon icon={X} size={14} />
    </Button>
  );
}

/** How it ended, in plain words. */
export function ReasonCell({ connection }: ConnectionCellProps) {
  const { closeReason, closeDetail } = connection;
  if (closeReason === null) return <span className="text-faint">not known</span>;
  const { label, failed } = CLOSE_REASONS[closeReason];
  const title = closeDetail === null ? label : `${label}: ${closeDetail}`;
  return (
    <div className="min-w-0" title={title}>
      <Status tone={failed ? "danger" : "off"}>{label}</Status>
      {closeDetail !== null && (
        <div className="truncate pl-[15px] text-xs text-muted">{closeDetail}</div>
      )}
    </div>
  );
}
