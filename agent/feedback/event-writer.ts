import type { MuxClock } from "#mux/session/clock.ts";
import { buildEvent, EVENT_REPEAT_MS } from "./build-event.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import type { Refusal } from "./refusals.ts";
import type { WriteGate } from "./write-gate.ts";

/** Events that may be written at once, and how soon the next one may follow. */
const BURST = 20;
const REFILL_MS = 3_000;
/** Refusals that are remembered as said; beyond it they wait until others are resolved. */
const SAID_MAX = 2_000;

export interface EventWriterOptions {
  readonly objects: ClusterObjects;
  readonly gate: WriteGate;
  readonly agentId: string;
  readonly clock: MuxClock;
  readonly wallClock: () => Date;
}

/** Says refusals as Events at the objects concerned: each once, and again while it lasts; never many at a time. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #saidAt = new Map<string, number>();
  #allowance = BURST;
  #allowedAt: number;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#allowedAt = options.clock.now();
  }

  /** @returns milliseconds until there is something to say again; null when nothing is refused. */
  async say(refusals: readonly Refusal[], signal: AbortSignal): Promise<number | null> {
    const { clock, gate } = this.#options;
    this.#forgetResolved(new Set(refusals.map(keyOf)));
    let nextInMs: number | null = null;
    for (const refusal of refusals) {
      const dueInMs = this.#dueAt(refusal) - clock.now();
      if (dueInMs > 0) {
        nextInMs = Math.min(nextInMs ?? Infinity, dueInMs);
        continue;
      }
      if (!gate.isOpen || this.#saidAt.size >= SAID_MAX) return gate.retryInMs ?? EVENT_REPEAT_MS;
      if (!this.#takeAllowance()) return REFILL_MS;
      await this.#sayOne(refusal, signal);
    }
    return nextInMs;
  }

  async #sayOne(refusal: Refusal, signal: AbortSignal): Promise<void> {
    const { objects, gate, agentId, clock, wallClock } = this.#options;
    const isSaid = await gate.run("event", async () => {
      const uid = await objects.findUid(refusal, signal);
      if (uid === null) return false;
      const apiVersion = objects.apiVersionOf(refusal.kind);
      const event = buildEvent(refusal, { apiVersion, uid, agentId, now: wallClock() });
      await objects.createEvent(refusal.namespace, event, signal);
      return true;
    });
    if (isSaid) this.#saidAt.set(keyOf(refusal), clock.now());
  }

  #dueAt(refusal: Refusal): number {
    const saidAt = this.#saidAt.get(keyOf(refusal));
    return saidAt === undefined ? Number.NEGATIVE_INFINITY : saidAt + EVENT_REPEAT_MS;
  }

  #forgetResolved(standing: ReadonlySet<string>): void {
    for (const key of this.#saidAt.keys()) if (!standing.has(key)) this.#saidAt.delete(key);
  }

  #takeAllowance(): boolean {
    const now = this.#options.clock.now();
    const earned = Math.floor((now - this.#allowedAt) / REFILL_MS);
    this.#allowance = Math.min(BURST, this.#allowance + earned);
    this.#allowedAt += earned * REFILL_MS;
    if (this.#allowance === 0) return false;
    this.#allowance -= 1;
    return true;
  }
}

function keyOf({ kind, namespace, name, reason }: Refusal): string {
  return `${kind}/${namespace}/${name}/${reason}`;
}
