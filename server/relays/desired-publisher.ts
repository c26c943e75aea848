import type { ToRelay } from "#protocol/relay/channel.ts";
import type { DesiredState } from "#protocol/relay/desired-state.ts";
import { diffDesired } from "./diff-desired.ts";

/** A change is in force within a second; this much of it is spent on waiting for more of the same burst. */
const COALESCE_MS = 50;
/** Repairs whatever a lost change left behind. */
const RECONCILE_MS = 10_000;

export interface DesiredPublisherOptions {
  readonly build: () => Promise<DesiredState>;
  readonly send: (message: ToRelay) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps the relays' desired state equal to what the database says: whole when a relay arrives, differences afterwards.
 *
 * Generations count up within one start of the web process. Builds never overlap.
 */
export class DesiredPublisher {
  readonly #options: DesiredPublisherOptions;
  #state: DesiredState | null = null;
  #clusterOf: ReadonlyMap<string, string> = new Map();
  #generation = 0;
  #timer: NodeJS.Timeout | undefined;
  #reconcileTimer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: DesiredPublisherOptions) {
    this.#options = options;
  }

  /** To which cluster a tunnel belongs; null when no relay is asked to serve it. */
  clusterOf(tunnelId: string): string | null {
    return this.#clusterOf.get(tunnelId) ?? null;
  }

  start(): void {
    this.#reconcileTimer = setInterval(() => this.changed(), RECONCILE_MS);
  }

  /** Something was committed that relays may act on. Bursts become one build. */
  changed(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.publish();
    }, COALESCE_MS);
  }

  /** Builds now and sends the difference; resolves when it was sent. */
  async publish(): Promise<void> {
    const work = this.#work.then(() => this.#rebuild());
    this.#work = work.catch(this.#options.onError);
    await this.#work;
  }

  /**
   * The whole state for one relay that has just arrived. Changes reach it from the generation it carries on, because
   * the caller sends it in the same turn.
   */
  async whole(send: (message: ToRelay) => void): Promise<void> {
    const work = this.#work.then(async () => {
      await this.#rebuild();
      if (this.#state === null || this.#isClosed) return;
      send({ type: "desired", generation: this.#generation, state: this.#state });
    });
    this.#work = work.catch(this.#options.onError);
    await work;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#reconcileTimer);
    await this.#work;
  }

  async #rebuild(): Promise<void> {
    if (this.#isClosed) return;
    const state = await this.#options.build();
    this.#clusterOf = new Map(state.tunnels.map(({ id, clusterId }) => [id, clusterId]));
    if (this.#state === null) {
      this.#state = state;
      this.#generation += 1;
      return;
    }
    const change = diffDesired(this.#state, state);
    if (change === null) return;
    this.#state = state;
    this.#generation += 1;
    this.#options.send({ type: "change", generation: this.#generation, change });
  }
}
