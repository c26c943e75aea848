import type { Socket } from "node:net";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { ListenerState } from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { Logger } from "#server/observability/logger.ts";
import type { PortClaims } from "./port-claims.ts";
import { PortListener } from "./port-listener.ts";
import { bindTcpPort } from "./tcp-port.ts";

export interface ListenerSetOptions {
  readonly host: string;
  readonly claims: PortClaims;
  readonly clock: Clock;
  readonly log: Logger;
  readonly retryDelayMs?: number;
  readonly onConnection: (socket: Socket, tunnelId: string) => void;
}

/** The relay ports of this process, made to match the tunnels that are open. */
export class ListenerSet {
  readonly #options: ListenerSetOptions;
  readonly #listeners = new Map<string, PortListener>();

  constructor(options: ListenerSetOptions) {
    this.#options = options;
  }

  /**
   * Opens and closes listeners. Idempotent; ports that are given up are freed before others are opened.
   *
   * @returns once every new listener listens or has failed for the first time.
   */
  async reconcile(open: ReadonlyMap<string, DesiredTunnel>): Promise<void> {
    for (const [id, listener] of [...this.#listeners]) {
      if (open.get(id)?.relayPort === listener.port) continue;
      this.#listeners.delete(id);
      listener.stop();
    }
    const starting: Promise<void>[] = [];
    for (const [id, tunnel] of open) {
      if (this.#listeners.has(id)) continue;
      const listener = this.#create(tunnel);
      this.#listeners.set(id, listener);
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
    return [...this.#listeners.values()].flatMap(({ state }) => (state === null ? [] : [state]));
  }

  #create(tunnel: DesiredTunnel): PortListener {
    const { onConnection, log, ...shared } = this.#options;
    return new PortListener({
      ...shared,
      tunnelId: tunnel.id,
      transport: "tcp",
      port: tunnel.relayPort,
      bind: (options) => bindTcpPort(options, (socket) => onConnection(socket, tunnel.id)),
      onState: (listener) => {
        const { tunnelId, port, state, reason } = listener;
        if (state === "failed") log.warn({ tunnelId, port, reason }, "listener failed");
        else log.info({ tunnelId, port }, `listener ${state}`);
        publishFact({ kind: "listener", listener });
      },
    });
  }
}
