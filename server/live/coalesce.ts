/**
 * Calls `work` for each key once, `delayMs` after the key was first named; more names before that change nothing.
 * One call at a time for a key, so that an older state never overtakes a newer one.
 */
export class Coalescer<K> {
  readonly #delayMs: number;
  readonly #work: (key: K) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #timers = new Map<K, NodeJS.Timeout>();
  readonly #running = new Set<K>();

  constructor(delayMs: number, work: (key: K) => Promise<void>, onError: (error: unknown) => void) {
    this.#delayMs = delayMs;
    this.#work = work;
    this.#onError = onError;
  }

  add(key: K): void {
    if (this.#timers.has(key)) return;
    this.#timers.set(
      key,
      setTimeout(() => void this.#run(key), this.#delayMs),
    );
  }

  async #run(key: K): Promise<void> {
    this.#timers.delete(key);
    if (this.#running.has(key)) return this.add(key);
    this.#running.add(key);
    try {
      await this.#work(key);
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#running.delete(key);
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
