import type { TunnelDto } from "#protocol/api/tunnels.ts";
import type { WholeList } from "./fetch-all-pages.ts";
import { LiveJournal } from "#components/lib/live-journal.ts";

export type TunnelList = WholeList<TunnelDto>;

/** What the live link says about tunnels, in the order it said it. */
export type TunnelChange =
  | { readonly kind: "stored"; readonly tunnel: TunnelDto }
  | { readonly kind: "removed"; readonly id: string };

/** What the live link said lately, for lists on their way. */
export const tunnelJournal = new LiveJournal<TunnelChange>();

/**
 * Applies a batch to a cached list in one pass. A list of one cluster takes only that cluster's
 * tunnels. New ones go to the end: whoever shows the list sorts it.
 *
 * @returns the same list when nothing in it changed
 */
export function withTunnelChanges(
  list: TunnelList,
  changes: readonly TunnelChange[],
  clusterId: string | null,
): TunnelList {
  const pending = latestById(changes, clusterId);
  if (pending.size === 0) return list;
  let isChanged = false;
  const items: TunnelDto[] = [];
  for (const item of list.items) {
    const next = pending.get(item.id);
    pending.delete(item.id);
    if (next === undefined) {
      items.push(item);
      continue;
    }
    isChanged = true;
    if (next !== null) items.push(next);
  }
  for (const tunnel of pending.values()) {
    if (tunnel === null) continue;
    isChanged = true;
    items.push(tunnel);
  }
  return isChanged ? { ...list, items } : list;
}

/** Null: removed. The newest word on each tunnel wins. */
function latestById(
  changes: readonly TunnelChange[],
  clusterId: string | null,
): Map<string, TunnelDto | null> {
  const latest = new Map<string, TunnelDto | null>();
  for (const change of changes) {
    if (change.kind === "removed") latest.set(change.id, null);
    else if (clusterId === null || change.tunnel.clusterId === clusterId) {
      latest.set(change.tunnel.id, change.tunnel);
    }
  }
  return latest;
}
