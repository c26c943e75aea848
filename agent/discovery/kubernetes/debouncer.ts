/** Of the time that passes, at most one part in this many goes into the work. */
const WORK_SHARE = 4;
/** Whatever the work costs: changes are to be followed within a second. */
const DELAY_MAX_MS = 300;

/** Does a piece of work some time after it was first asked for, once for everything that was asked meanwhile. */
export class Debouncer {
  readonly #settleMs: number;
  readonly #work: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lastWorkMs = 0;
  #isClosed = false;

  constructor(settleMs: number, work: () => void) {
    this.#settleMs = settleMs;
    this.#work = work;
  }

  mark(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    const delayMs = Math.max(this.#settleMs, Math.min(DELAY_MAX_MS, this.#lastWorkMs * WORK_SHARE));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const startedAt = performance.now();
      this.#work();
      this.#lastWorkMs = performance.now() - startedAt;
    }, delayMs);
  }

  /** Idempotent; the work is not done afterwards. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
