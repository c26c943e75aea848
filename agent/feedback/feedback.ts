import type { Inventory } from "#protocol/control/inventory.ts";
import type { Published } from "#protocol/control/published.ts";
import type { MuxClock } from "#mux/session/clock.ts";
import type { KubernetesApi } from "../discovery/kubernetes/api-client.ts";
import { KubernetesApiError } from "../discovery/kubernetes/api-error.ts";
import type { Log } from "../log.ts";
import type { KubernetesCounters } from "../metrics/agent-counters.ts";
import { ClusterObjects } from "./cluster-objects.ts";
import { EventWriter } from "./event-writer.ts";
import type { FeedbackKind } from "./feedback-kinds.ts";
import { collectFeedback, type GatewayFeedback } from "./gateway-feedback.ts";
import { GatewayWriter } from "./gateway-writer.ts";
import { findRefusals } from "./refusals.ts";
import { WriteGate } from "./write-gate.ts";

/** Changes come in bursts. */
const SETTLE_MS = 300;
/** How often everything is compared anew: somebody may have changed what we wrote. */
const LOOK_MS = 10 * 60_000;
/** The same where we write status, which has to follow every new generation of a Gateway. */
const LOOK_AT_STATUS_MS = 60_000;
const RETRY_MS = 15_000;
/** More changed Gateways than this are read in pages instead of one by one. */
const SINGLE_READS_MAX = 20;

export interface FeedbackOptions {
  readonly kinds: readonly FeedbackKind[];
  readonly api: KubernetesApi;
  readonly namespaces: readonly string[] | null;
  readonly inventory: () => Inventory;
  /** False while no link is up: what was told last may be wrong by now. */
  readonly isLinked: () => boolean;
  readonly agentId: string;
  readonly clock: MuxClock;
  readonly wallClock: () => Date;
  readonly log: Log;
  readonly writes: KubernetesCounters["feedbackWrites"];
}

/**
 * Writes into the cluster what the server publishes of it, and what was refused: annotations, status, Events.
 *
 * It compares before it writes and writes only what differs, so that several agents of one cluster do not fight, and its
 * own writes wake nobody up. Nothing of it can stop discovery.
 */
export class Feedback {
  readonly #options: FeedbackOptions;
  readonly #objects: ClusterObjects;
  readonly #gateways: GatewayWriter | null;
  readonly #events: EventWriter | null;
  /** Of what is written into Gateways. */
  readonly #gates: readonly WriteGate[];
  readonly #closing = new AbortController();
  /** What each Gateway was last compared with. */
  #compared: ReadonlyMap<string, string> = new Map();
  #published: Published | null = null;
  #lookDueAt = Number.NEGATIVE_INFINITY;
  #isFailing = false;
  #cancelTimer: () => void = () => undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(options: FeedbackOptions) {
    this.#options = options;
    const { kinds, clock, wallClock, agentId } = options;
    const gateOf = (kind: FeedbackKind): WriteGate | null =>
      kinds.includes(kind) ? new WriteGate(kind, options) : null;
    const [annotations, status, events] = [
      gateOf("annotations"),
      gateOf("status"),
      gateOf("events"),
    ];
    const objects = new ClusterObjects(options);
    this.#objects = objects;
    this.#gates = [annotations, status].filter((gate) => gate !== null);
    this.#gateways =
      annotations === null && status === null
        ? null
        : new GatewayWriter({ objects, annotations, status, wallClock });
    this.#events =
      events === null
        ? null
        : new EventWriter({ objects, gate: events, agentId, clock, wallClock });
  }

  /** Takes over what the server publishes, complete. */
  receivePublished(published: Published): void {
    this.#published = published;
    this.#wake(SETTLE_MS);
  }

  /** Discovery saw a change. */
  receiveInventory(): void {
    this.#wake(SETTLE_MS);
  }

  /** Idempotent; nothing is written afterwards. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    await this.#running;
  }

  /** Arms the timer unless it fires sooner anyway. */
  #wake(delayMs: number): void {
    const { clock } = this.#options;
    const at = clock.now() + delayMs;
    if (this.#closing.signal.aborted || at >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = at;
    this.#cancelTimer = clock.setTimer(delayMs, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    // A pass under way may have missed what woke us.
    if (this.#running !== null) return this.#wake(SETTLE_MS);
    this.#running = this.#pass().finally(() => {
      this.#running = null;
    });
  }

  async #pass(): Promise<void> {
    let nextInMs: number;
    try {
      const lookInMs = await this.#compareGateways();
      const { inventory } = this.#options;
      const sayInMs = await this.#events?.say(findRefusals(inventory()), this.#closing.signal);
      nextInMs = Math.max(SETTLE_MS, Math.min(lookInMs, sayInMs ?? LOOK_MS));
      this.#onRead();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#onUnread(error);
      nextInMs = RETRY_MS;
    }
    this.#wake(nextInMs);
  }

  /** @returns milliseconds until the next look. */
  async #compareGateways(): Promise<number> {
    const { inventory, isLinked, clock } = this.#options;
    const writer = this.#gateways;
    if (writer === null || this.#published === null) return LOOK_MS;
    if (!isLinked()) return RETRY_MS;
    const feedback = collectFeedback(inventory(), this.#published);
    const wanted = new Map([...feedback].map(([key, item]) => [key, this.#describe(item)]));
    const changed = [...this.#compared.keys()].filter((key) => !wanted.has(key));
    for (const [key, text] of wanted) if (this.#compared.get(key) !== text) changed.push(key);
    if (clock.now() >= this.#lookDueAt || changed.length > SINGLE_READS_MAX) {
      await this.#compareAll(writer, feedback);
    } else if (changed.length > 0) {
      await this.#compareSome(writer, feedback, changed);
    }
    this.#compared = wanted;
    for (const gate of this.#gates) {
      if (gate.retryInMs !== null) {
        this.#lookDueAt = Math.min(this.#lookDueAt, clock.now() + gate.retryInMs);
      }
    }
    return this.#lookDueAt - clock.now();
  }

  async #compareSome(
    writer: GatewayWriter,
    feedback: ReadonlyMap<string, GatewayFeedback>,
    keys: readonly string[],
  ): Promise<void> {
    const { signal } = this.#closing;
    if (await writer.lookAtClasses(signal)) return this.#compareAll(writer, feedback);
    for (const key of keys) {
      const [namespace = "", name = ""] = key.split("/");
      const live = await this.#objects.findGateway(namespace, name, signal);
      if (live !== null) await writer.write(live, feedback.get(key) ?? null, signal);
    }
  }

  async #compareAll(
    writer: GatewayWriter,
    feedback: ReadonlyMap<string, GatewayFeedback>,
  ): Promise<void> {
    const { signal } = this.#closing;
    await writer.lookAtClasses(signal);
    if (writer.hasWork) {
      for await (const live of this.#objects.listGateways(signal)) {
        const key = `${live.metadata.namespace}/${live.metadata.name}`;
        await writer.write(live, feedback.get(key) ?? null, signal);
      }
    }
    const hasStatus = this.#options.kinds.includes("status");
    this.#lookDueAt = this.#options.clock.now() + (hasStatus ? LOOK_AT_STATUS_MS : LOOK_MS);
  }

  /** What matters of a Gateway, as text. */
  #describe({ gateway, published }: GatewayFeedback): string {
    const hasStatus = this.#options.kinds.includes("status");
    return JSON.stringify([[...published], hasStatus ? gateway.listeners : []]);
  }

  #onRead(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.log.info("Gateways can be read again for feedback");
  }

  #onUnread(error: unknown): void {
    const { log } = this.#options;
    if (!(error instanceof KubernetesApiError)) {
      log.error("Feedback failed", { error: String(error) });
      return;
    }
    if (!this.#isFailing) log.warn(`Feedback waits: ${error.message}`, { status: error.status });
    this.#isFailing = true;
  }
}
