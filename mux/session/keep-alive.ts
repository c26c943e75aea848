import { AppError } from "#protocol/errors.ts";
import { FIRST_PING_DELAY_MS, MUX_LIMITS } from "../limits.ts";
import type { MuxClock } from "./clock.ts";

interface PendingPing {
  readonly sentAt: number;
  readonly settle: (outcome: number | AppError) => void;
}

export interface KeepAliveOptions {
  readonly clock: MuxClock;
  /** Between pings; null: no pings of our own accord. */
  readonly intervalMs: number | null;
  readonly sendPing: (value: number) => void;
  /** A ping went unanswered for a whole interval in which nothing else was heard either. */
  readonly onSilence: () => void;
}

/**
 * Pings: those somebody asked for, and one an interval to find a dead peer within two intervals. Any byte heard counts
 * as life, because an answer may stand behind a lot of payload.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #pending = new Map<number, PendingPing>();
  #cancelTimer: (() => void) | undefined;
  #nextValue = 0;
  #hasHeard = true;
  #isStopped = false;
  #rttMs: number | null = null;
  #smallestRttMs: number | null = null;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    const { intervalMs } = options;
    if (intervalMs !== null) this.#arm(Math.min(intervalMs, FIRST_PING_DELAY_MS));
  }

  /** The latest measured round trip, queues included; null before the first. */
  get rttMs(): number | null {
    return this.#rttMs;
  }

  /** The smallest ever measured: the path without its queues. */
  get smallestRttMs(): number | null {
    return this.#smallestRttMs;
  }

  /** To be called for whatever arrives. */
  onHeard(): void {
    this.#hasHeard = true;
  }

  /**
   * Measures one round trip.
   *
   * @returns milliseconds; rejects with AppError `limit_exceeded`, `deadline_exceeded` or `unavailable` (closed).
   */
  ping(): Promise<number> {
    if (this.#isStopped) return Promise.reject(closedError());
    if (this.#pending.size >= MUX_LIMITS.pendingPings) {
      return Promise.reject(new AppError("limit_exceeded", "too many pings are unanswered"));
    }
    const value = this.#nextValue;
    this.#nextValue = (value + 1) >>> 0;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#options.clock.setTimer(MUX_LIMITS.pingTimeoutMs, () => {
        settle(new AppError("deadline_exceeded", "the peer did not answer a ping"));
      });
      const settle = (outcome: number | AppError): void => {
        cancelTimer();
        this.#pending.delete(value);
        if (typeof outcome === "number") resolve(outcome);
        else reject(outcome);
      };
      this.#pending.set(value, { sentAt: this.#options.clock.now(), settle });
      this.#options.sendPing(value);
    });
  }

  /** An answer that nobody waits for, late or invented, is ignored. */
  receivePong(value: number): void {
    const ping = this.#pending.get(value);
    if (ping === undefined) return;
    const rttMs = this.#options.clock.now() - ping.sentAt;
    this.#rttMs = rttMs;
    this.#smallestRttMs = Math.min(rttMs, this.#smallestRttMs ?? rttMs);
    ping.settle(rttMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const ping of [...this.#pending.values()]) ping.settle(closedError());
  }

  #arm(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => this.#onTimer());
  }

  #onTimer(): void {
    const { intervalMs, onSilence } = this.#options;
    if (intervalMs === null) return;
    if (!this.#hasHeard) return onSilence();
    this.#hasHeard = false;
    // Nobody waits for this one: an unanswered ping shows as silence at the next turn.
    this.ping().catch(() => {});
    if (!this.#isStopped) this.#arm(intervalMs);
  }
}

function closedError(): AppError {
  return new AppError("unavailable", "the mux session is closed");
}
