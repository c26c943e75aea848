import type { MuxClock } from "../session/clock.ts";

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Time that stands still until a test moves it. */
export class FakeClock implements MuxClock {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;

  get armedCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer = { at: this.#nowMs + delayMs, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Fires what becomes due, in order of time. */
  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#nowMs = due.at;
      due.fire();
    }
    this.#nowMs = until;
  }
}
