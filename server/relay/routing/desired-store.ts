import type {
  DesiredChange,
  DesiredCluster,
  DesiredState,
  DesiredToken,
  DesiredTunnel,
} from "#protocol/relay/desired-state.ts";

/** One immutable generation of what this relay process has to serve, indexed. */
export interface DesiredIndex {
  readonly clusters: ReadonlyMap<string, DesiredCluster>;
  readonly tokens: ReadonlyMap<string, DesiredToken>;
  readonly tunnels: ReadonlyMap<string, DesiredTunnel>;
}

export const NOTHING_DESIRED: DesiredIndex = {
  clusters: new Map(),
  tokens: new Map(),
  tunnels: new Map(),
};

/** Indexes a complete state. Pure. */
export function indexDesired(state: DesiredState): DesiredIndex {
  return {
    clusters: new Map(state.clusters.map((cluster) => [cluster.id, cluster])),
    tokens: new Map(state.tokens.map((token) => [token.tokenId, token])),
    tunnels: new Map(state.tunnels.map((tunnel) => [tunnel.id, tunnel])),
  };
}

/** Makes the next generation from one change. Pure; the index given stays as it is. */
export function applyChange(index: DesiredIndex, change: DesiredChange): DesiredIndex {
  return {
    clusters: changed(index.clusters, change.clusters, (cluster) => cluster.id),
    tokens: changed(index.tokens, change.tokens, (token) => token.tokenId),
    tunnels: changed(index.tunnels, change.tunnels, (tunnel) => tunnel.id),
  };
}

function changed<T>(
  before: ReadonlyMap<string, T>,
  change: { readonly upsert: readonly T[]; readonly remove: readonly string[] },
  idOf: (item: T) => string,
): ReadonlyMap<string, T> {
  if (change.upsert.length === 0 && change.remove.length === 0) return before;
  const after = new Map(before);
  for (const id of change.remove) after.delete(id);
  for (const item of change.upsert) after.set(idOf(item), item);
  return after;
}
