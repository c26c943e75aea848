import { useSyncExternalStore } from "react";

/**
 * `connecting` first attempt · `live` · `reconnecting` lost a moment ago ·
 * `stale` lost for so long that what the page shows may be wrong.
 */
export type LiveState = "connecting" | "live" | "reconnecting" | "stale";

export interface LiveStatus {
  readonly state: LiveState;
  /** When the page last knew the truth; null before the first connection. */
  readonly truthAt: number | null;
}

/** After this long without the live link the page calls itself stale. */
export const STALE_AFTER_MS = 5_000;

const INITIAL: LiveStatus = { state: "connecting", truthAt: null };

/** Holds the state of the one live link; the indicator and the charts read it. */
export class LiveStatusStore {
  #status = INITIAL;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get = (): LiveStatus => this.#status;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#set({ state: "live", truthAt: this.#now() });
  }

  /** Repeated calls during one outage change nothing. */
  lost(): void {
    if (this.#timer !== undefined || this.#status.state === "stale") return;
    const wasLive = this.#status.state === "live";
    const truthAt = wasLive ? this.#now() : this.#status.truthAt;
    if (wasLive) this.#set({ state: "reconnecting", truthAt });
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#set({ state: "stale", truthAt });
    }, STALE_AFTER_MS);
  }

  #set(status: LiveStatus): void {
    this.#status = status;
    for (const listener of [...this.#listeners]) listener();
  }
}

export const liveStatus = new LiveStatusStore();

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(liveStatus.subscribe, liveStatus.get, () => INITIAL);
}
