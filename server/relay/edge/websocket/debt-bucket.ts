/**
 * A token bucket that may be overdrawn: what is taken is known beforehand but arrives over time, so a large piece is
 * granted while anything is left and paid off before the next. It holds one second's worth.
 */
export class DebtBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perMs = perSecond / 1_000;
    this.#capacity = perSecond;
    this.#tokens = this.#capacity;
    this.#atMs = nowMs;
  }

  /** @returns false, and takes nothing, while earlier ones are not paid off. */
  take(count: number, nowMs: number): boolean {
    this.#tokens = Math.min(
      this.#capacity,
      this.#tokens + Math.max(0, nowMs - this.#atMs) * this.#perMs,
    );
    this.#atMs = nowMs;
    if (this.#tokens <= 0) return false;
    this.#tokens -= count;
    return true;
  }
}
