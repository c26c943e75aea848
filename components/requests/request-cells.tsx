"use client";

import {
  formatClockSeconds,
  formatDuration,
  formatExact,
  formatLatency,
  formatMoment,
} from "#components/lib/format.ts";
import { splitAddress } from "#components/tunnels/tunnel-words.ts";
import { Icon } from "#components/ui/icon.tsx";
import { TunnelIcon } from "#components/ui/icons.tsx";
import { Status } from "#components/ui/status.tsx";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { endedAt } from "./request-view.ts";
import { answerOf, requestVerb } from "./request-words.ts";

const MINUTE_MS = 60_000;

interface RequestCellProps {
  readonly request: HttpRequestDto;
}

/** When it was over. */
export function TimeCell({ request }: RequestCellProps) {
  const at = endedAt(request);
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={`Ended ${formatExact(at)}`}
      className="whitespace-nowrap text-muted"
    >
      {isToday ? formatClockSeconds(at) : formatMoment(at, Date.now())}
    </time>
  );
}

interface PathCellProps extends RequestCellProps {
  /** More about it, for a second line. */
  readonly more?: string | null;
}

/** `GET /orders`, in full on hover. */
export function PathCell({ request, more = null }: PathCellProps) {
  const { host, path, backend } = request;
  const verb = requestVerb(request);
  const full = [`${verb} ${host}${path}`, backend === null ? null : `→ ${backend}`, request.detail]
    .filter((line) => line !== null)
    .join("\n");
  return (
    <div className="min-w-0" title={full}>
      <div className="mono flex min-w-0 gap-2">
        <span className="shrink-0 text-muted">{verb}</span>
        <span className="truncate">{path}</span>
      </div>
      {more !== null && <div className="truncate text-xs text-muted">{more}</div>}
    </div>
  );
}

/** The status with its class as colour and word; below it why, where Culvert answered itself. */
export function AnswerCell({ request }: RequestCellProps) {
  const { text, tone, own } = answerOf(request);
  return (
    <div className="min-w-0">
      <Status tone={tone}>{text}</Status>
      {own !== null && (
        <div
          title={`Answered by Culvert: ${own}`}
          className="flex items-center gap-1 text-xs text-muted"
        >
          <Icon icon={TunnelIcon} size={12} label="Answered by Culvert:" />
          <span className="truncate">{own}</span>
        </div>
      )}
    </div>
  );
}

/** WebSockets last for hours, most requests for milliseconds. */
export function formatTime(ms: number): string {
  return ms < MINUTE_MS ? formatLatency(ms) : formatDuration(ms);
}

/** Milliseconds; a dash where there was none. */
export function LatencyCell({ ms }: { readonly ms: number | null }) {
  if (ms === null) return <span className="text-faint">–</span>;
  return <span className="whitespace-nowrap">{formatTime(ms)}</span>;
}

/** Without the port, which says nothing once the request is over. */
export function ClientCell({ request }: RequestCellProps) {
  const { clientAddress } = request;
  return (
    <span className="mono truncate text-muted" title={clientAddress}>
      {splitAddress(clientAddress).host}
    </span>
  );
}
