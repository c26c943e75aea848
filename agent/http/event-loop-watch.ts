import type { MuxClock } from "#mux/session/clock.ts";

const BEAT_MS = 1_000;
/** A beat this late means that hardly anything else was done in time either. */
const LATE_MS = 5_000;
/** Late beats in a row: one long pause, such as a suspended machine, heals by itself. */
const LATE_BEATS_MAX = 3;

/**
 * Watches whether the event loop still turns in time.
 *
 * One that stands still altogether answers no probe either, which fails the probe as well; this finds the loop that is
 * so busy that it does little else.
 */
export class EventLoopWatch {
  readonly #clock: MuxClock;
  #lagMs = 0;
  #lateBeats = 0;
  #cancel: () => void = () => undefined;

  constructor(clock: MuxClock) {
    this.#clock = clock;
  }

  get lagSeconds(): number {
    return this.#lagMs / 1_000;
  }

  get isStuck(): boolean {
    return this.#lateBeats >= LATE_BEATS_MAX;
  }

  start(): void {
    const dueAt = this.#clock.now() + BEAT_MS;
    this.#cancel = this.#clock.setTimer(BEAT_MS, () => {
      this.#lagMs = Math.max(0, this.#clock.now() - dueAt);
      this.#lateBeats = this.#lagMs >= LATE_MS ? this.#lateBeats + 1 : 0;
      this.start();
    });
  }

  /** Idempotent. */
  stop(): void {
    this.#cancel();
  }
}
