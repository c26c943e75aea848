import {
  listenerKeyText,
  type Inventory,
  type InventoryGateway,
  type InventoryListener,
  type ListenerKey,
} from "#protocol/control/inventory.ts";
import { problemOf } from "./listener-problem.ts";

/** One agent's newest snapshot. */
export interface AgentSnapshot {
  readonly agentId: string;
  readonly receivedAt: Date;
  readonly inventory: Inventory;
}

/** One listener as the agents of a cluster see it together. */
export interface UnionListener {
  readonly key: ListenerKey;
  readonly gateway: InventoryGateway;
  readonly listener: InventoryListener;
  /** The agents that can serve it: only these are given connections. */
  readonly reportedBy: readonly string[];
}

export function keyOf(gateway: InventoryGateway, listener: InventoryListener): ListenerKey {
  const hasHost = listener.protocol === "http" || listener.protocol === "tls";
  return {
    namespace: gateway.namespace,
    gateway: gateway.name,
    protocol: listener.protocol,
    port: listener.port,
    hostname: hasHost ? listener.hostname : null,
  };
}

/**
 * What a cluster offers: everything any of its agents reports.
 *
 * Where several report the same listener, one that can publish it is believed over one that cannot, and a newer
 * report over an older one.
 *
 * @returns by the listener's key as text, in the order of first mention.
 */
export function unionOf(snapshots: readonly AgentSnapshot[]): ReadonlyMap<string, UnionListener> {
  const oldestFirst = [...snapshots].sort(
    (a, b) => a.receivedAt.getTime() - b.receivedAt.getTime(),
  );
  const union = new Map<string, UnionListener>();
  for (const { agentId, inventory } of oldestFirst) {
    for (const gateway of inventory.gateways) {
      for (const listener of gateway.listeners) {
        const key = keyOf(gateway, listener);
        const text = listenerKeyText(key);
        const seen = { key, gateway, listener, reportedBy: [agentId] };
        union.set(text, merge(union.get(text), seen));
      }
    }
  }
  return union;
}

function merge(known: UnionListener | undefined, seen: UnionListener): UnionListener {
  if (known === undefined) return seen;
  const isKnownWell = problemOf(known.listener) === null;
  const isSeenWell = problemOf(seen.listener) === null;
  if (isKnownWell && !isSeenWell) return known;
  if (!isKnownWell && isSeenWell) return seen;
  const reportedBy = [...new Set([...known.reportedBy, ...seen.reportedBy])];
  return { ...seen, reportedBy };
}
