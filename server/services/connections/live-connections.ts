import type { ConnectionState } from "#protocol/relay/events.ts";

/** An open connection and the relay process that carries it. */
export interface OpenConnection extends ConnectionState {
  readonly relayId: string;
}

export interface ConnectionFilter {
  readonly tunnelId?: string | undefined;
  readonly clusterId?: string | undefined;
}

/** What services read about connections that are open now. They live in memory, nowhere else. */
export interface LiveConnections {
  find(id: string): OpenConnection | null;
  list(filter: ConnectionFilter): readonly OpenConnection[];
  count(filter: ConnectionFilter): number;
}
