/** How fine a series is stored, and for how long: ten seconds for an hour, a minute for a day, a quarter for 90 days. */
export const METRIC_STEPS = [
  { seconds: 10, keptMs: 3_600_000 },
  { seconds: 60, keptMs: 86_400_000 },
  { seconds: 900, keptMs: 90 * 86_400_000 },
] as const;

/** What raw counters are collected into. */
export const FINEST_SECONDS = METRIC_STEPS[0].seconds;

/** Kept a little longer than asked for, so that a window of exactly that length has no hole at its start. */
export const KEPT_SLACK_MS = 900_000;

/** The scope whose points say that somebody measured at all. */
export const FLEET_SCOPE = "fleet";

export function floorTo(ms: number, seconds: number): number {
  const step = seconds * 1_000;
  return Math.floor(ms / step) * step;
}
