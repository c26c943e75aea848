import type { ConnectionDto } from "#protocol/api/connections.ts";
import type { LiveConnections } from "#protocol/live/events.ts";
import { onFact } from "#server/relays/relay-facts.ts";
import type { OpenConnection } from "#server/services/connections/live-connections.ts";
import {
  toClosedConnectionDto,
  toOpenConnectionDto,
} from "#server/services/connections/connection-dto.ts";
import type { LiveNamespace } from "./live-server.ts";

/** One message for all that happened meanwhile. */
const BATCH_MS = 200;
/** Connections named in one message of each list; the rest follow in further messages. */
const BATCH_ITEMS_MAX = 1_000;

interface Batch {
  readonly opened: Map<string, ConnectionDto>;
  readonly closed: Map<string, ConnectionDto>;
  readonly changed: Map<string, OpenConnection>;
}

const emptyBatch = (): Batch => ({ opened: new Map(), closed: new Map(), changed: new Map() });

/** Sends connections as they come and go, in batches, to those who watch the fleet, the cluster or the tunnel. */
export class ConnectionsPublisher {
  readonly #namespace: LiveNamespace;
  readonly #stops: readonly (() => void)[];
  #batch = emptyBatch();
  #timer: NodeJS.Timeout | undefined;

  constructor(namespace: LiveNamespace) {
    this.#namespace = namespace;
    this.#stops = [
      onFact("connectionOpened", (connection) => {
        this.#batch.opened.set(connection.id, toOpenConnectionDto(connection));
        this.#schedule();
      }),
      onFact("connectionChanged", (connection) => {
        // Not yet sent as opened: then it is sent as it is now.
        if (this.#batch.opened.has(connection.id)) {
          this.#batch.opened.set(connection.id, toOpenConnectionDto(connection));
        } else this.#batch.changed.set(connection.id, connection);
        this.#schedule();
      }),
      onFact("connectionClosed", (connection) => {
        this.#batch.changed.delete(connection.id);
        this.#batch.closed.set(
          connection.id,
          toClosedConnectionDto(connection.relayId, connection),
        );
        this.#schedule();
      }),
    ];
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = emptyBatch();
    const byRoom = new Map<string, LiveConnections>();
    const payloadsFor = (of: { tunnelId: string; clusterId: string }): LiveConnections[] =>
      ["fleet", `cluster:${of.clusterId}`, `tunnel:${of.tunnelId}`].map((room) => {
        const payload = byRoom.get(room) ?? { opened: [], closed: [], changed: [] };
        byRoom.set(room, payload);
        return payload;
      });
    for (const dto of batch.opened.values()) for (const p of payloadsFor(dto)) p.opened.push(dto);
    for (const dto of batch.closed.values()) for (const p of payloadsFor(dto)) p.closed.push(dto);
    for (const connection of batch.changed.values()) {
      const { id, bytesIn, bytesOut, messages } = connection;
      const change = {
        id,
        bytes: { in: bytesIn, out: bytesOut },
        ...(messages === undefined ? {} : { messages }),
      };
      for (const payload of payloadsFor(connection)) payload.changed.push(change);
    }
    for (const [room, payload] of byRoom) {
      for (const part of inParts(payload)) this.#namespace.to(room).emit("connections", part);
    }
  }
}

function inParts(payload: LiveConnections): LiveConnections[] {
  const { opened, closed, changed } = payload;
  const longest = Math.max(opened.length, closed.length, changed.length);
  const parts: LiveConnections[] = [];
  for (let from = 0; from < longest; from += BATCH_ITEMS_MAX) {
    const to = from + BATCH_ITEMS_MAX;
    parts.push({
      opened: opened.slice(from, to),
      closed: closed.slice(from, to),
      changed: changed.slice(from, to),
    });
  }
  return parts;
}
