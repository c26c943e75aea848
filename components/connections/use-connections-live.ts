"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useLiveEvent, useLiveRoom } from "#components/lib/use-live-room.ts";
import type { LiveConnections, LiveRoom } from "#protocol/live/events.ts";
import { CLOSED_MAX, connectionKeys } from "./connection-queries.ts";
import { connectionRates } from "./connection-rates.ts";
import {
  connectionJournal,
  withLiveClosed,
  withLiveOpen,
  type ClosedConnections,
  type OpenConnections,
} from "./connection-reducer.ts";

/** Keeps cached connections true while a component is mounted. Several at once do no harm. */
export function useConnectionsLive(room: LiveRoom): void {
  const client = useQueryClient();
  useLiveRoom(room);
  useLiveEvent("connections", (event: LiveConnections) => {
    const at = Date.now();
    connectionJournal.note({ event, at });
    connectionRates.begin(event.opened);
    connectionRates.update(
      event.changed,
      event.closed.map(({ id }) => id),
    );
    for (const [key, list] of client.getQueriesData<OpenConnections>({
      queryKey: connectionKeys.opens(),
    })) {
      if (list !== undefined) {
        client.setQueryData(key, withLiveOpen(list, event, { tunnelId: scopeOf(key) }, at));
      }
    }
    for (const [key, page] of client.getQueriesData<ClosedConnections>({
      queryKey: connectionKeys.closeds(),
    })) {
      if (page !== undefined) {
        client.setQueryData(
          key,
          withLiveClosed(page, event, { tunnelId: scopeOf(key) }, CLOSED_MAX),
        );
      }
    }
  });
}

/** The last part of a key that connectionKeys wrote. */
function scopeOf(key: readonly unknown[]): string | null {
  const last = key.at(-1);
  return typeof last === "string" ? last : null;
}
