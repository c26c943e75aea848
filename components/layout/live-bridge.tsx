"use client";

import { useQueryClient } from "@tanstack/react-query";
import type { AuditFilter } from "#components/activity/audit-filter.ts";
import { auditKeys } from "#components/activity/audit-queries.ts";
import {
  auditJournal,
  withAuditEvent,
  type AuditCache,
} from "#components/activity/audit-reducer.ts";
import { clusterKeys } from "#components/clusters/cluster-queries.ts";
import { useStoreCluster } from "#components/clusters/use-cluster-mutations.ts";
import { useLiveEvent, useLiveRoom, useLiveSubscribed } from "#components/lib/use-live-room.ts";
import { settingsKeys } from "#components/settings/settings-queries.ts";
import { useTunnelsLive } from "#components/tunnels/use-tunnels-live.ts";

/** Keeps the query cache true while the page is open: live events in, cache entries out. Shows nothing. */
export function LiveBridge() {
  const queryClient = useQueryClient();
  const storeCluster = useStoreCluster();
  useLiveRoom("fleet");
  useTunnelsLive();

  useLiveEvent("cluster", (cluster) => storeCluster(cluster));
  useLiveEvent("settings", (settings) => queryClient.setQueryData(settingsKeys.all, settings));
  useLiveEvent("removed", ({ kind, id }) => {
    if (kind !== "cluster") return;
    queryClient.removeQueries({ queryKey: clusterKeys.one(id) });
    void queryClient.invalidateQueries({ queryKey: clusterKeys.list() });
  });
  useLiveEvent("audit", (event) => {
    auditJournal.note(event);
    for (const [key] of queryClient.getQueriesData({ queryKey: auditKeys.lists() })) {
      const filter = key.at(-1) as AuditFilter; // Written by auditKeys.list alone.
      queryClient.setQueryData<AuditCache>(
        key,
        (cache) => cache && withAuditEvent(cache, event, filter),
      );
    }
  });
  // What happened since a page fetched is not replayed: everything on show is asked for again.
  useLiveSubscribed(() => void queryClient.invalidateQueries());
  return null;
}
