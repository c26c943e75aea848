"use client";

import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLiveEvent } from "#components/lib/use-live-room.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { tunnelKeys } from "./tunnel-queries.ts";
import {
  tunnelJournal,
  withTunnelChanges,
  type TunnelChange,
  type TunnelList,
} from "./tunnel-reducer.ts";

/** Many tunnels change in the same moment, when an agent comes or goes: one redraw for all of them. */
const BATCH_MS = 100;

/** Puts tunnels, as they now are, into every cached place. */
export function storeTunnelChanges(client: QueryClient, changes: readonly TunnelChange[]): void {
  for (const [key, list] of client.getQueriesData<TunnelList>({ queryKey: tunnelKeys.lists() })) {
    if (list === undefined) continue;
    const clusterId = key.at(-1) as string | null; // Written by tunnelKeys.list alone.
    client.setQueryData(key, withTunnelChanges(list, changes, clusterId));
  }
  for (const change of changes) {
    if (change.kind === "removed") continue;
    const { tunnel } = change;
    const known = client.getQueryData<TunnelDto>(tunnelKeys.detail(tunnel.id));
    if (known === undefined) continue;
    client.setQueryData(tunnelKeys.detail(tunnel.id), tunnel);
    if (isReroutedSince(known, tunnel)) {
      void client.invalidateQueries({ queryKey: tunnelKeys.explain(tunnel.id) });
    }
  }
}

/** Whether the trace of the decision may read differently now. */
function isReroutedSince(before: TunnelDto, after: TunnelDto): boolean {
  const facts = ({ routingMode, forceTunnel, chosenMode }: TunnelDto): string =>
    JSON.stringify([routingMode, forceTunnel, chosenMode]);
  return facts(before) !== facts(after);
}

/** Keeps cached tunnels true while a component is mounted. Several at once do no harm. */
export function useTunnelsLive(): void {
  const client = useQueryClient();
  const batch = useRef<TunnelChange[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const add = (change: TunnelChange): void => {
    tunnelJournal.note(change);
    batch.current.push(change);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      storeTunnelChanges(client, batch.current.splice(0));
    }, BATCH_MS);
  };
  useLiveEvent("tunnel", (tunnel) => add({ kind: "stored", tunnel }));
  useLiveEvent("removed", ({ kind, id }) => {
    if (kind === "tunnel") add({ kind: "removed", id });
  });
  // Forgets a batch that nobody waits for any more.
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
