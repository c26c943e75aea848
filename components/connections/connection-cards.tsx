"use client";

import { useState } from "react";
import { formatBytes } from "#components/lib/format.ts";
import { MoreButton } from "#components/ui/more-button.tsx";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import {
  AgeCell,
  ClientCell,
  CloseCell,
  MessagesCell,
  PlaceCell,
  RateCell,
  ReasonCell,
  RequestCell,
  ViaCell,
} from "./connection-cells.tsx";
import type { ConnectionPlace } from "./connection-view.ts";

const CARDS_STEP = 50;

interface ConnectionCardsProps {
  readonly caption: string;
  readonly rows: readonly ConnectionDto[];
  readonly placeOf: ((connection: ConnectionDto) => ConnectionPlace | null | undefined) | null;
  readonly onClose: ((connection: ConnectionDto) => void) | null;
}

/** The table's facts, one card per connection. */
export function ConnectionCards({ caption, rows, placeOf, onClose }: ConnectionCardsProps) {
  const [count, setCount] = useState(CARDS_STEP);
  return (
    <>
      <ul aria-label={caption}>
        {rows.slice(0, count).map((connection) => (
          <li key={connection.id} className="border-b border-line px-4 py-2.5 last:border-0">
            <div className="flex items-center justify-between gap-3">
              <ClientCell connection={connection} />
              <span className="ml-auto min-w-0 truncate text-xs">
                <ViaCell connection={connection} />
              </span>
              {onClose !== null && <CloseCell connection={connection} onClose={onClose} />}
            </div>
            <RequestCell connection={connection} />
            {placeOf !== null && <PlaceCell connection={connection} place={placeOf(connection)} />}
            {connection.closedAt !== null && <ReasonCell connection={connection} />}
            <div className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-muted">
              <span>{formatBytes(connection.bytes.in)} in</span>
              <span>{formatBytes(connection.bytes.out)} out</span>
              {connection.messages !== null && (
                <span>
                  messages <MessagesCell connection={connection} />
                </span>
              )}
              {connection.closedAt === null ? (
                <>
                  <span>
                    open for <AgeCell at={connection.openedAt} />
                  </span>
                  <span className="ml-auto">
                    <RateCell connection={connection} />
                  </span>
                </>
              ) : (
                <span>
                  closed <AgeCell at={connection.closedAt} /> ago
                </span>
              )}
            </div>
          </li>
        ))}
      </ul>
      <MoreButton count={rows.length - count} onShow={() => setCount(count + CARDS_STEP)} />
    </>
  );
}
