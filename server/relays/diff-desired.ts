import { isDeepStrictEqual } from "node:util";
import type { DesiredChange, DesiredState } from "#protocol/relay/desired-state.ts";

interface Changed<T> {
  upsert: T[];
  remove: string[];
}

function diffLists<T>(
  before: readonly T[],
  after: readonly T[],
  idOf: (item: T) => string,
): Changed<T> {
  const old = new Map(before.map((item) => [idOf(item), item]));
  const upsert: T[] = [];
  for (const item of after) {
    const id = idOf(item);
    // Parts that are the same object, as large ones are that did not change, cost nothing.
    if (!isDeepStrictEqual(old.get(id), item)) upsert.push(item);
    old.delete(id);
  }
  return { upsert, remove: [...old.keys()] };
}

/** What turns one desired state into the other; null when they are equal. */
export function diffDesired(before: DesiredState, after: DesiredState): DesiredChange | null {
  const change = {
    clusters: diffLists(before.clusters, after.clusters, ({ id }) => id),
    tokens: diffLists(before.tokens, after.tokens, ({ tokenId }) => tokenId),
    tunnels: diffLists(before.tunnels, after.tunnels, ({ id }) => id),
  };
  const parts: readonly Changed<unknown>[] = Object.values(change);
  const isEqual = parts.every(({ upsert, remove }) => upsert.length === 0 && remove.length === 0);
  return isEqual ? null : change;
}
