import type { Retry } from "./describe-outcome.ts";

const BASE_MS = 500;
const CAP_MS = 30_000;
const SLOWLY_MIN_MS = 15_000;
const SLOWLY_MAX_MS = 60_000;
const DUPLICATE_CAP_MS = 5_000;
/** Never at once: a server that closes every link at the hello must not be hammered. */
const FLOOR_MS = 50;

/**
 * How long to wait before the next dial, milliseconds. Full jitter, because after an outage every agent starts at the
 * same moment.
 *
 * @param attempt 0 for the first retry.
 * @param random 0 ≤ x < 1.
 */
export function retryDelayMs(retry: Retry, attempt: number, random: () => number): number {
  const exponent = 2 ** Math.min(attempt, 20);
  switch (retry) {
    case "backoff":
      return Math.max(FLOOR_MS, Math.floor(random() * Math.min(CAP_MS, BASE_MS * exponent)));
    case "slowly":
      return Math.floor(SLOWLY_MIN_MS + random() * (SLOWLY_MAX_MS - SLOWLY_MIN_MS));
    case "elsewhere":
      return Math.max(FLOOR_MS, Math.floor(random() * Math.min(DUPLICATE_CAP_MS, 100 * exponent)));
    case "never":
      return Number.POSITIVE_INFINITY;
  }
}

/** Longest `Retry-After` that is obeyed: a mistaken header must not silence an agent for a day. */
const RETRY_AFTER_MAX_MS = 300_000;

/** Seconds or a date. @returns milliseconds from now; 0 when there is none. */
export function parseRetryAfterMs(value: string | null, now: Date): number {
  if (value === null) return 0;
  const seconds = /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
  const waitMs = Number.isNaN(seconds) ? Date.parse(value) - now.getTime() : seconds * 1_000;
  return Number.isFinite(waitMs) ? Math.min(RETRY_AFTER_MAX_MS, Math.max(0, waitMs)) : 0;
}
