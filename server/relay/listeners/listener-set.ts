import type { Socket } from "node:net";
import type { DatagramSocket } from "#mux/socket/datagram-socket.ts";
import { QueueRoom } from "#mux/socket/queue-room.ts";
import type { TunnelId } from "#protocol/api/ids.ts";
import type { ListenerState } from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { Logger } from "#server/observability/logger.ts";
import type { PortTunnel } from "../routing/route-table.ts";
import type { PortClaims } from "./port-claims.ts";
import { type BindOptions, type OpenPort, PortListener } from "./port-listener.ts";
import { SourceLimits } from "./source-limits.ts";
import { bindTcpPort } from "./tcp-port.ts";
import { bindUdpPort } from "./udp-port.ts";

export interface ListenerSetOptions {
  readonly host: string;
  readonly claims: PortClaims;
  readonly clock: Clock;
  readonly log: Logger;
  readonly retryDelayMs?: number;
  readonly onConnection: (socket: Socket, tunnelId: string) => void;
  /** Somebody new sent a datagram. */
  readonly onAssociation: (socket: DatagramSocket, tunnelId: TunnelId) => void;
  /** A UDP port is about to be bound, perhaps again: associations of the time before still hold it. */
  readonly onUdpPortWanted: (tunnelId: TunnelId) => void;
  /** A datagram of somebody who may not open one more association. */
  readonly onDatagramRefused: (tunnelId: TunnelId) => void;
}

/** Associations that one source may hold, over all UDP ports; and open in a second. Choices. */
const ASSOCIATIONS_PER_SOURCE = 1_000;
const OPENINGS_PER_SOURCE_PER_SECOND = 500;
/** What all associations together may keep waiting for an agent or a congested link, bytes. A choice. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** The relay ports of this process, made to match the tunnels that are open. */
export class ListenerSet {
  readonly #options: ListenerSetOptions;
  readonly #listeners = new Map<TunnelId, PortListener>();
  readonly #sources: SourceLimits;
  readonly #room = new QueueRoom(WAITING_BYTES_MAX);

  constructor(options: ListenerSetOptions) {
    this.#options = options;
    this.#sources = new SourceLimits({
      associationsMax: ASSOCIATIONS_PER_SOURCE,
      openingsPerSecond: OPENINGS_PER_SOURCE_PER_SECOND,
      clock: options.clock,
    });
  }

  /** Forgets senders that are quiet. */
  sweep(): void {
    this.#sources.sweep();
  }

  /**
   * Opens and closes listeners. Idempotent; ports that are given up are freed before others are opened.
   *
   * @returns once every new listener listens or has failed for the first time.
   */
  async reconcile(open: ReadonlyMap<string, PortTunnel>): Promise<void> {
    for (const [id, listener] of [...this.#listeners]) {
      if (open.get(id)?.relayPort === listener.port) continue;
      this.#listeners.delete(id);
      listener.stop();
    }
    const starting: Promise<void>[] = [];
    for (const tunnel of open.values()) {
      if (this.#listeners.has(tunnel.id)) continue;
      if (tunnel.target.protocol === "udp") this.#options.onUdpPortWanted(tunnel.id);
      const listener = this.#create(tunnel);
      this.#listeners.set(tunnel.id, listener);
      starting.push(listener.start());
    }
    await Promise.all(starting);
  }

  /** Stops all. Idempotent. */
  stop(): void {
    for (const listener of this.#listeners.values()) listener.stop();
    this.#listeners.clear();
  }

  states(): ListenerState[] {
    return [...this.#listeners].flatMap(([tunnelId, { state }]) =>
      state === null ? [] : [{ tunnelId, ...state }],
    );
  }

  #create(tunnel: PortTunnel): PortListener {
    const { log, ...shared } = this.#options;
    return new PortListener({
      ...shared,
      transport: tunnel.target.protocol === "udp" ? "udp" : "tcp",
      port: tunnel.relayPort,
      bind: (options) => this.#bind(tunnel, options),
      onState: (reported) => {
        const listener = { tunnelId: tunnel.id, ...reported };
        const { tunnelId, port, state, reason } = listener;
        if (state === "failed") log.warn({ tunnelId, port, reason }, "listener failed");
        else log.info({ tunnelId, port }, `listener ${state}`);
        publishFact({ kind: "listener", listener });
      },
    });
  }

  #bind({ id, target }: PortTunnel, options: BindOptions): Promise<OpenPort> {
    const { onConnection, onAssociation, onDatagramRefused } = this.#options;
    if (target.protocol !== "udp") {
      return bindTcpPort(options, (socket) => onConnection(socket, id));
    }
    return bindUdpPort(options, {
      sources: this.#sources,
      room: this.#room,
      onAssociation: (socket) => onAssociation(socket, id),
      onRefused: () => onDatagramRefused(id),
    });
  }
}
