import type { DirectState } from "#protocol/relay/events.ts";

/** Successes in a row before an address that was never verified is believed. A choice. */
const VERIFY_COUNT = 3;
/** Failures in a row before a verified address is given up. A choice. */
const LOSE_COUNT = 3;
/** How long a lost address has to answer without a failure before it is believed again, milliseconds. */
export const STABLE_MIN_MS = 10_000;
/** The same for one that is lost again and again. */
export const STABLE_MAX_MS = 300_000;
/** An address that was good for this long has its earlier losses forgiven, milliseconds. */
export const FORGIVE_MS = 600_000;

/** Between probes of an address that is verified, milliseconds. */
export const PROBE_INTERVAL_MS = 2_000;
/** Between the beginnings of probes that decide whether a verified address is lost. */
const DOUBT_INTERVAL_MS = 1_000;
/** A probe that took longer than that is followed after this much at least. */
const DOUBT_PAUSE_MS = 250;
const VERIFY_INTERVAL_MS = 500;
/** An address that did not answer this often in a row is asked less often. */
const PATIENT_COUNT = 30;
const PATIENT_INTERVAL_MS = 10_000;

/** What a row of probes says of one address. */
export interface DirectHealth {
  readonly state: DirectState["state"];
  /** In a row, up to now; one of the two is 0. */
  readonly successCount: number;
  readonly failureCount: number;
  /** When the row of successes began, milliseconds of a clock that never jumps. */
  readonly goodSinceMs: number;
  /** When it became verified; means nothing before. */
  readonly verifiedAtMs: number;
  /** Losses that are not forgiven. */
  readonly lossCount: number;
}

export const NEVER_PROBED: DirectHealth = {
  state: "unverified",
  successCount: 0,
  failureCount: 0,
  goodSinceMs: 0,
  verifiedAtMs: 0,
  lossCount: 0,
};

/**
 * Takes one more probe into account. Pure.
 *
 *     unverified --three successes--> verified --three failures--> not_answering
 *                                        ^                             |
 *                                        +---- stable for a while -----+
 *
 * "A while" is 10 s at first and doubles with every loss up to 5 min, so that an address that comes and goes moves its
 * tunnel ever more rarely.
 */
export function observe(health: DirectHealth, isAnswering: boolean, nowMs: number): DirectHealth {
  return isAnswering ? observeSuccess(health, nowMs) : observeFailure(health, nowMs);
}

function observeSuccess(before: DirectHealth, nowMs: number): DirectHealth {
  const isFirst = before.successCount === 0;
  const health = {
    ...before,
    successCount: before.successCount + 1,
    failureCount: 0,
    goodSinceMs: isFirst ? nowMs : before.goodSinceMs,
  };
  if (health.state === "verified" || health.successCount < VERIFY_COUNT) return health;
  const isStable = nowMs - health.goodSinceMs >= stableMs(health);
  return isStable ? { ...health, state: "verified", verifiedAtMs: nowMs } : health;
}

function observeFailure(before: DirectHealth, nowMs: number): DirectHealth {
  const health = { ...before, successCount: 0, failureCount: before.failureCount + 1 };
  if (health.state !== "verified" || health.failureCount < LOSE_COUNT) return health;
  const isForgiven = nowMs - health.verifiedAtMs >= FORGIVE_MS;
  return { ...health, state: "not_answering", lossCount: isForgiven ? 1 : health.lossCount + 1 };
}

/** How long the address has to answer without a failure before it is believed; 0 when it was never lost. */
export function stableMs({ lossCount }: DirectHealth): number {
  if (lossCount === 0) return 0;
  return Math.min(STABLE_MAX_MS, STABLE_MIN_MS * 2 ** Math.min(lossCount - 1, 16));
}

/**
 * When to probe next, milliseconds from now.
 *
 * @param tookMs how long the last probe took.
 */
export function nextProbeMs(health: DirectHealth, tookMs: number): number {
  if (health.state === "verified") {
    if (health.failureCount === 0) return PROBE_INTERVAL_MS;
    return Math.max(DOUBT_PAUSE_MS, DOUBT_INTERVAL_MS - tookMs);
  }
  if (health.state === "unverified" && health.successCount > 0) return VERIFY_INTERVAL_MS;
  return health.failureCount >= PATIENT_COUNT ? PATIENT_INTERVAL_MS : PROBE_INTERVAL_MS;
}
