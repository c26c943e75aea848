import type { ConnectionState } from "#protocol/relay/events.ts";
import type {
  ConnectionFilter,
  LiveConnections,
  OpenConnection,
} from "#server/services/connections/live-connections.ts";

/** Open connections held for one relay at most; a relay enforces fewer itself. */
const CONNECTIONS_PER_RELAY_MAX = 200_000;

/** The table of connections that are open now, over all relays. */
export class OpenConnections implements LiveConnections {
  readonly #all = new Map<string, OpenConnection>();
  readonly #byTunnel = new Map<string, Set<string>>();
  readonly #byCluster = new Map<string, Set<string>>();
  readonly #byRelay = new Map<string, Set<string>>();

  find(id: string): OpenConnection | null {
    return this.#all.get(id) ?? null;
  }

  list(filter: ConnectionFilter): readonly OpenConnection[] {
    const ids = this.#narrowest(filter);
    const found: OpenConnection[] = [];
    for (const id of ids) {
      const connection = this.#all.get(id);
      if (connection !== undefined && matches(connection, filter)) found.push(connection);
    }
    return found;
  }

  count(filter: ConnectionFilter): number {
    if (filter.tunnelId !== undefined && filter.clusterId !== undefined) {
      return this.list(filter).length;
    }
    return this.#narrowest(filter).size;
  }

  /** Idempotent: a repeat replaces what was known. */
  open(relayId: string, state: ConnectionState): void {
    if (this.#all.has(state.id)) this.close(state.id);
    if ((this.#byRelay.get(relayId)?.size ?? 0) >= CONNECTIONS_PER_RELAY_MAX) return;
    this.#all.set(state.id, { ...state, relayId });
    add(this.#byTunnel, state.tunnelId, state.id);
    add(this.#byCluster, state.clusterId, state.id);
    add(this.#byRelay, relayId, state.id);
  }

  /** Changes some facts of an open connection; one that is not open any more stays away. */
  update(id: string, facts: Partial<ConnectionState>): OpenConnection | null {
    const before = this.#all.get(id);
    if (before === undefined) return null;
    const after = { ...before, ...facts };
    this.#all.set(id, after);
    return after;
  }

  /** @returns what was known of it; null when it was not open. */
  close(id: string): OpenConnection | null {
    const connection = this.#all.get(id);
    if (connection === undefined) return null;
    this.#all.delete(id);
    remove(this.#byTunnel, connection.tunnelId, id);
    remove(this.#byCluster, connection.clusterId, id);
    remove(this.#byRelay, connection.relayId, id);
    return connection;
  }

  /** Forgets all of a relay's connections. */
  closeAllOf(relayId: string): readonly OpenConnection[] {
    const closed: OpenConnection[] = [];
    for (const id of [...(this.#byRelay.get(relayId) ?? [])]) {
      const connection = this.close(id);
      if (connection !== null) closed.push(connection);
    }
    return closed;
  }

  countOfRelay(relayId: string): number {
    return this.#byRelay.get(relayId)?.size ?? 0;
  }

  #narrowest(filter: ConnectionFilter): { readonly size: number } & Iterable<string> {
    if (filter.tunnelId !== undefined) return this.#byTunnel.get(filter.tunnelId) ?? NONE;
    if (filter.clusterId !== undefined) return this.#byCluster.get(filter.clusterId) ?? NONE;
    return { size: this.#all.size, [Symbol.iterator]: () => this.#all.keys() };
  }
}

const NONE: ReadonlySet<string> = new Set();

function matches(connection: OpenConnection, filter: ConnectionFilter): boolean {
  return (
    (filter.tunnelId === undefined || filter.tunnelId === connection.tunnelId) &&
    (filter.clusterId === undefined || filter.clusterId === connection.clusterId)
  );
}

function add(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function remove(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) return;
  ids.delete(id);
  if (ids.size === 0) index.delete(key);
}
