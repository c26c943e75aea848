import type { ConnectionDto } from "#protocol/api/connections.ts";
import type { SeriesDto, SeriesPoint } from "#protocol/api/series.ts";

export interface DaySummary {
  readonly opened: number;
  readonly failed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const sum = (points: readonly SeriesPoint[]): number =>
  points.reduce((total, [, value]) => total + (value ?? 0), 0);

/** Sums over a series; what was not measured adds nothing. */
export function summariseDay({ series }: SeriesDto): DaySummary {
  return {
    opened: sum(series.connectionsOpened),
    failed: sum(series.connectionsFailed),
    bytesIn: sum(series.bytesIn),
    bytesOut: sum(series.bytesOut),
  };
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
