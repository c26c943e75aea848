/** How waiting times grow between attempts. All in milliseconds. */
export interface BackoffOptions {
  /** Upper bound of the first wait. */
  readonly baseMs: number;
  /** Upper bound of every wait. */
  readonly capMs: number;
  /** 0 ≤ x < 1; injected so that tests are exact. */
  readonly random: () => number;
}

/**
 * Full jitter: a wait drawn evenly from 0 to the exponentially growing, capped bound.
 *
 * Full rather than partial jitter, because after an outage every peer starts at the same moment.
 *
 * @param attempt 0 for the first retry.
 * @returns milliseconds, a whole number.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const bound = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(options.random() * bound);
}
