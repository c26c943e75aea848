"use client";

import { useState } from "react";
import { formatBytes, formatLatency } from "#components/lib/format.ts";
import { Button } from "#components/ui/button.tsx";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { AnswerCell, ClientCell, PathCell, TimeCell } from "./request-cells.tsx";

const CARDS_STEP = 10;

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
            <PathCell request={request} place={placeOf(request)} />
            <div className="flex items-start justify-between gap-3 text-sm">
              <AnswerCell request={request} />
              <TimeCell request={request} />
            </div>
            <div className="flex flex-wrap gap-x-3 text-xs text-muted">
              {request.firstByteMs !== null && (
                <span>{formatLatency(request.firstByteMs)} to first byte</span>
              )}
              <span>{formatLatency(request.durationMs)} in all</span>
              <span>{formatBytes(request.bytes.in)} in</span>
              <span>{formatBytes(request.bytes.out)} out</span>
              <ClientCell request={request} className="ml-auto" />
            </div>
          </li>
        ))}
      </ul>
      {rows.length > count && (
        <div className="flex justify-center border-t border-line py-2">
          <Button variant="ghost" size="sm" onClick={() => setCount(count + CARDS_STEP)}>
            {rows.length - count} more
          </Button>
        </div>
      )}
    </>
  );
}
