import type { LiveMetric } from "#protocol/live/events.ts";

const SECOND_MS = 1_000;
/** Over so many milliseconds: long enough that a slow rate is not 0 most of the time. */
const RATE_WINDOW_MS = 10 * SECOND_MS;

/**
 * How many were opened a second, over the last ten seconds or as far as it was measured.
 *
 * Seconds in which nothing happened are not sent: what is missing counts as none.
 *
 * @param points  all that is known, oldest first
 * @returns       null before the first measurement
 */
export function openedPerSecond(points: readonly LiveMetric[], now: number): number | null {
  const [first] = points;
  if (first === undefined) return null;
  const fromMs = Math.max(now - RATE_WINDOW_MS, first.at - SECOND_MS);
  const opened = points.reduce(
    (sum, point) => sum + (point.at > fromMs ? point.connectionsOpened : 0),
    0,
  );
  return (opened * SECOND_MS) / Math.max(SECOND_MS, now - fromMs);
}
