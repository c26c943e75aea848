"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useLiveEvent, useLiveRoom } from "#components/lib/use-live-room.ts";
import { RECENT_REQUESTS_MAX } from "#protocol/api/requests.ts";
import { requestKeys } from "./request-queries.ts";
import { requestJournal, withLiveRequests, type LastRequests } from "./request-reducer.ts";

/** Keeps the cached last requests of a tunnel true while a component is mounted. */
export function useRequestsLive(tunnelId: string): void {
  const client = useQueryClient();
  useLiveRoom(`tunnel:${tunnelId}`);
  useLiveEvent("requests", (ended) => {
    requestJournal.note(ended);
    client.setQueryData<LastRequests>(
      requestKeys.last(tunnelId),
      (page) => page && withLiveRequests(page, ended, { tunnelId, itemsMax: RECENT_REQUESTS_MAX }),
    );
  });
}
