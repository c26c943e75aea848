import { CHANNEL_LIMITS } from "#protocol/relay/channel.ts";
import type { AgentRefusal, ClosedConnectionState, RelayEvent } from "#protocol/relay/events.ts";

/** Refusals that a snapshot can carry. Fixed by the protocol. */
const REFUSALS_MAX = 200;
/**
 * Closed connections that were sent this shortly before the channel broke are repeated in the next snapshot: the web
 * process may have died before it stored them. It knows a repeat by the connection's id.
 */
const REPEAT_MS = 5_000;

/** What a snapshot cannot read from anywhere else. */
export interface KeptFacts {
  readonly closedMeanwhile: ClosedConnectionState[];
  readonly refusals: AgentRefusal[];
}

/**
 * Facts on their way to the web process. While it is away only what no snapshot could tell is kept: connections that
 * closed, and refusals, both bounded, the oldest going first.
 */
export class FactQueue {
  readonly #nowMs: () => number;
  #events: RelayEvent[] = [];
  #isConnected = false;
  #closed: ClosedConnectionState[] = [];
  #refusals: AgentRefusal[] = [];
  #sentClosed: { readonly sentAtMs: number; readonly connection: ClosedConnectionState }[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#events.length;
  }

  push(fact: RelayEvent): void {
    if (this.#isConnected) this.#events.push(fact);
    else this.#keep(fact);
  }

  /** The channel is up, and a snapshot that tells everything up to here is made in this very turn. */
  connect(): KeptFacts {
    this.#isConnected = true;
    const closedMeanwhile = this.#closed.slice(-CHANNEL_LIMITS.closedMeanwhile);
    const refusals = this.#refusals.slice(-REFUSALS_MAX);
    this.#closed = [];
    this.#refusals = [];
    for (const connection of closedMeanwhile) this.#remember(connection);
    return { closedMeanwhile, refusals };
  }

  /** The channel is down. Idempotent. */
  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    const since = this.#nowMs() - REPEAT_MS;
    this.#closed = this.#sentClosed
      .filter(({ sentAtMs }) => sentAtMs >= since)
      .map(({ connection }) => connection);
    this.#sentClosed = [];
    const unsent = this.#events;
    this.#events = [];
    for (const fact of unsent) this.#keep(fact);
  }

  /** Takes the next batch out of the queue, at most `max` facts. */
  take(max: number): RelayEvent[] {
    const batch = this.#events.splice(0, max);
    for (const fact of batch)
      if (fact.kind === "connection_closed") this.#remember(fact.connection);
    return batch;
  }

  #remember(connection: ClosedConnectionState): void {
    const sentAtMs = this.#nowMs();
    this.#sentClosed.push({ sentAtMs, connection });
    trim(this.#sentClosed, CHANNEL_LIMITS.closedMeanwhile);
    const oldest = this.#sentClosed[0];
    if (oldest === undefined || oldest.sentAtMs >= sentAtMs - 2 * REPEAT_MS) return;
    this.#sentClosed = this.#sentClosed.filter((sent) => sent.sentAtMs >= sentAtMs - REPEAT_MS);
  }

  #keep(fact: RelayEvent): void {
    if (fact.kind === "connection_closed") {
      this.#closed.push(fact.connection);
      trim(this.#closed, CHANNEL_LIMITS.closedMeanwhile);
    } else if (fact.kind === "refusal") {
      this.#refusals.push(fact.refusal);
      trim(this.#refusals, REFUSALS_MAX);
    }
  }
}

/** Cuts the oldest off once there are twice as many as allowed, so that a push stays cheap. */
function trim(items: unknown[], max: number): void {
  if (items.length >= 2 * max) items.splice(0, items.length - max);
}
