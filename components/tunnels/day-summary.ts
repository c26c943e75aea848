import type { ConnectionDto } from "#protocol/api/connections.ts";
import type { SeriesDto, SeriesPoint } from "#protocol/api/series.ts";
import type { LiveMetric } from "#protocol/live/events.ts";

export interface DaySummary {
  readonly opened: number;
  readonly failed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** From a coarse series, a fine one, and live points: each goes on where the one before ends. */
export interface DaySources {
  readonly day: SeriesDto;
  /** Undefined while it is on its way. */
  readonly recent: SeriesDto | undefined;
  readonly live: readonly LiveMetric[];
}

const NOTHING: DaySummary = { opened: 0, failed: 0, bytesIn: 0, bytesOut: 0 };

/** The last day up to this second. What was not measured adds nothing. */
export function summariseDay({ day, recent, live }: DaySources): DaySummary {
  const dayEnd = Date.parse(day.to);
  const recentEnd = recent === undefined ? dayEnd : Math.max(dayEnd, Date.parse(recent.to));
  return [
    ofSeries(day, -Infinity),
    recent === undefined ? NOTHING : ofSeries(recent, dayEnd),
    ofLive(live, recentEnd),
  ].reduce(add);
}

const add = (a: DaySummary, b: DaySummary): DaySummary => ({
  opened: a.opened + b.opened,
  failed: a.failed + b.failed,
  bytesIn: a.bytesIn + b.bytesIn,
  bytesOut: a.bytesOut + b.bytesOut,
});

function ofSeries({ series }: SeriesDto, fromMs: number): DaySummary {
  const sum = (points: readonly SeriesPoint[]): number =>
    points.reduce((total, [at, value]) => total + (at < fromMs ? 0 : (value ?? 0)), 0);
  return {
    opened: sum(series.connectionsOpened),
    failed: sum(series.connectionsFailed),
    bytesIn: sum(series.bytesIn),
    bytesOut: sum(series.bytesOut),
  };
}

/** A point at the very end of a series is the first that it does not count. */
function ofLive(live: readonly LiveMetric[], fromMs: number): DaySummary {
  return live
    .filter(({ at }) => at >= fromMs)
    .map(({ connectionsOpened, connectionsFailed, bytesIn, bytesOut }) => ({
      opened: connectionsOpened,
      failed: connectionsFailed,
      bytesIn,
      bytesOut,
    }))
    .reduce(add, NOTHING);
}

export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** How long connections took to be answered; null when none was. Milliseconds. */
export function summariseLatency(connections: readonly ConnectionDto[]): LatencySummary | null {
  const times = connections
    .map(({ openLatencyMs }) => openLatencyMs)
    .filter((time) => time !== null)
    .toSorted((a, b) => a - b);
  if (times.length === 0) return null;
  // Nearest rank: always a time that was measured.
  const at = (share: number): number => times[Math.ceil(share * times.length) - 1] ?? 0;
  return { count: times.length, p50: at(0.5), p99: at(0.99) };
}
