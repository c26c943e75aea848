"use client";

import { useState } from "react";
import { formatBytes } from "#components/lib/format.ts";
import { MoreButton } from "#components/ui/more-button.tsx";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { AnswerCell, ClientCell, formatTime, PathCell, TimeCell } from "./request-cells.tsx";

const CARDS_STEP = 6;

interface RequestCardsProps {
  readonly caption: string;
  readonly rows: readonly HttpRequestDto[];
  readonly placeOf: (request: HttpRequestDto) => string | null;
}

/** The table's facts, one card per request, for narrow pages. */
export function RequestCards({ caption, rows, placeOf }: RequestCardsProps) {
  const [count, setCount] = useState(CARDS_STEP);
  return (
    <>
      <ul aria-label={caption}>
        {rows.slice(0, count).map((request) => (
          <li
            key={request.id}
            className="flex flex-col gap-0.5 border-b border-line px-4 py-2.5 last:border-0"
          >
            <div className="flex items-baseline justify-between gap-3">
              <PathCell request={request} />
              <span className="text-sm">
                <TimeCell request={request} />
              </span>
            </div>
            <div className="flex items-start justify-between gap-3">
              <AnswerCell request={request} />
              {request.firstByteMs !== null && (
                <span className="shrink-0 whitespace-nowrap text-sm">
                  {formatTime(request.firstByteMs)}
                  <span className="text-muted"> to first byte</span>
                </span>
              )}
            </div>
            <Facts request={request} place={placeOf(request)} />
          </li>
        ))}
      </ul>
      <MoreButton count={rows.length - count} onShow={() => setCount(count + CARDS_STEP)} />
    </>
  );
}

interface FactsProps {
  readonly request: HttpRequestDto;
  readonly place: string | null;
}

function Facts({ request, place }: FactsProps) {
  const { durationMs, bytes, detail } = request;
  return (
    <div className="flex flex-wrap gap-x-3 text-xs text-muted">
      <span>{formatTime(durationMs)} in all</span>
      {bytes.in > 0 && <span>{formatBytes(bytes.in)} in</span>}
      <span>{formatBytes(bytes.out)} out</span>
      <ClientCell request={request} />
      {place !== null && <span className="[overflow-wrap:anywhere]">{place}</span>}
      {detail !== null && <span className="[overflow-wrap:anywhere]">{detail}</span>}
    </div>
  );
}
