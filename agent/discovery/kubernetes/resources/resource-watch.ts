import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { MuxClock } from "#mux/session/clock.ts";
import type { KubernetesApi } from "../api-client.ts";
import { ResourceCounter } from "./resource-counter.ts";

/** How often a cluster is counted, milliseconds; a tenth more or less, so that agents do not ask together. */
export const COUNT_INTERVAL_MS = 60_000;
const JITTER = 0.1;
/** A round that takes longer is cut short. */
const ROUND_TIMEOUT_MS = 50_000;

export interface ResourceWatchOptions {
  readonly api: KubernetesApi;
  readonly clock: MuxClock;
  readonly wallClock: () => Date;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly onCounted: (resources: ClusterResources) => void;
}

/** Counts what the cluster consists of at once, and about once a minute from then on. */
export class ResourceWatch {
  readonly #options: ResourceWatchOptions;
  readonly #counter: ResourceCounter;
  readonly #stopping = new AbortController();
  #latest: ClusterResources | null = null;
  #round: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => undefined;

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
    this.#counter = new ResourceCounter(options.api, options.wallClock);
  }

  /** The newest count; null before the first. */
  get latest(): ClusterResources | null {
    return this.#latest;
  }

  start(): void {
    if (!this.#stopping.signal.aborted) this.#round = this.#run();
  }

  /** Idempotent; nothing is called afterwards. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer();
    await this.#round;
  }

  async #run(): Promise<void> {
    const { clock, random, onCounted } = this.#options;
    const stopping = this.#stopping.signal;
    const late = new AbortController();
    const cancelDeadline = clock.setTimer(ROUND_TIMEOUT_MS, () => late.abort());
    try {
      const counted = await this.#counter.count(stopping, late.signal);
      if (counted !== null && !stopping.aborted) {
        this.#latest = counted;
        onCounted(counted);
      }
    } catch {
      // A count throws only when it is stopped.
    } finally {
      cancelDeadline();
    }
    if (stopping.aborted) return;
    const delayMs = COUNT_INTERVAL_MS * (1 - JITTER + 2 * JITTER * random());
    this.#cancelTimer = clock.setTimer(delayMs, () => this.start());
  }
}
