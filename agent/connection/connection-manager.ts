import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import type { Published } from "#protocol/control/published.ts";
import type { Log } from "../log.ts";
import type { AgentLink } from "./agent-link.ts";
import { LinkSlot, type LinkSlotOptions } from "./link-slot.ts";

export interface ConnectionManagerOptions extends Omit<LinkSlotOptions, "events" | "log"> {
  readonly onStream: (stream: MuxStreamPort) => void;
  readonly onPublished: (published: Published) => void;
  readonly log: Log;
}

export interface ConnectionStatus {
  /** Relays this agent should have a link to; 1 until a server has said how many. */
  readonly wanted: number;
  readonly links: readonly { readonly relayId: string; readonly rttMs: number | null }[];
  /** Why something is missing; null when nothing is. */
  readonly trouble: string | null;
}

/** Most relays a server may name: what one agent will ever dial. */
const RELAYS_MAX = 64;

/**
 * Holds one link to every relay process of the server. A dial reaches whichever relay the network chooses, so each
 * missing link has a slot that dials until a relay answers which has none yet.
 */
export class ConnectionManager {
  readonly #options: ConnectionManagerOptions;
  /** Every link that is not over, those that drain included. */
  readonly #links = new Set<AgentLink>();
  #slots: LinkSlot[] = [];
  #isStopped = false;

  constructor(options: ConnectionManagerOptions) {
    this.#options = options;
  }

  get status(): ConnectionStatus {
    const links = this.#slots.flatMap(({ link, state }) =>
      link !== null && state === "up" ? [{ relayId: link.relayId ?? "", rttMs: link.rttMs }] : [],
    );
    const trouble = this.#slots.map((slot) => slot.trouble).find((text) => text !== null) ?? null;
    return { wanted: this.#slots.length, links, trouble };
  }

  start(): void {
    this.#resize(1);
  }

  /** Reports a changed inventory on every link. */
  publishInventory(): void {
    for (const { link } of this.#slots) link?.sendInventory();
  }

  /** Reports newly counted resources on every link. */
  publishResources(): void {
    for (const { link } of this.#slots) link?.sendResources();
  }

  /** Dials no more, asks the server for nothing new, and waits for what is open, but no longer than the deadline. */
  async drain(reason: string, deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    const slots = this.#slots;
    this.#slots = [];
    for (const slot of slots) {
      const link = slot.release();
      if (link !== null) this.#links.add(link);
    }
    await Promise.all([...this.#links].map((link) => link.drain(reason, deadlineMs)));
  }

  /** Drops everything at once. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    for (const slot of this.#slots) slot.stop();
    this.#slots = [];
    for (const link of [...this.#links]) link.close("going_away", "the agent stops");
  }

  #onHello(link: AgentLink, relayId: string, relayIds: readonly string[]): boolean {
    const isTaken = this.#slots.some(
      (slot) => slot.link !== null && slot.link !== link && slot.link.relayId === relayId,
    );
    this.#resize(Math.min(RELAYS_MAX, Math.max(1, new Set(relayIds).size)));
    if (isTaken) return false;
    this.#links.add(link);
    return true;
  }

  /** One slot for each relay. What is too much goes only where nothing is linked. */
  #resize(count: number): void {
    if (this.#isStopped) return;
    while (this.#slots.length < count) {
      const slot = this.#createSlot();
      this.#slots.push(slot);
      slot.start();
    }
    for (const slot of [...this.#slots].reverse()) {
      if (this.#slots.length <= count) return;
      if (slot.state !== "waiting" && slot.state !== "dialing") continue;
      this.#slots = this.#slots.filter((other) => other !== slot);
      slot.stop();
    }
  }

  #createSlot(): LinkSlot {
    const { log, onStream, onPublished, ...options } = this.#options;
    return new LinkSlot({
      ...options,
      log,
      events: {
        onStream,
        onPublished,
        onHello: (link, relayId, relayIds) => this.#onHello(link, relayId, relayIds),
        onUp: (link, cluster) => {
          log.info("Connected to the server", {
            cluster: cluster.name,
            clusterId: cluster.id,
            relay: link.relayId,
          });
        },
        onOver: (link) => {
          this.#links.delete(link);
        },
      },
    });
  }
}
