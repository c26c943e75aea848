import type { LiveMetric } from "#protocol/live/events.ts";

/** A second in which nothing happened, but for what is said. */
export function makeLiveMetric(over: Partial<LiveMetric> = {}): LiveMetric {
  return {
    at: 0,
    scope: "fleet",
    bytesInPerSecond: 0,
    bytesOutPerSecond: 0,
    connectionsOpen: 0,
    connectionsOpened: 0,
    connectionsFailed: 0,
    bytesIn: 0,
    bytesOut: 0,
    ...over,
  };
}
