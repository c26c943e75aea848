import { describe, expect, it } from "vitest";
import { makeConnection } from "#components/connections/testing/make-connection.ts";
import { makeLiveMetric } from "#components/lib/testing/make-live-metric.ts";
import { SeriesDto } from "#protocol/api/series.ts";
import type { LiveMetric } from "#protocol/live/events.ts";
import { summariseDay, summariseLatency } from "./day-summary.ts";

const T0 = Date.UTC(2026, 10, 21, 14, 0, 0);
const MINUTE_MS = 60_000;

function series(
  fromMs: number,
  stepSeconds: number,
  values: readonly (number | null)[],
): SeriesDto {
  const stepMs = stepSeconds * 1_000;
  const points = values.map((value, index) => [fromMs + index * stepMs, value]);
  return SeriesDto.parse({
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + values.length * stepMs).toISOString(),
    stepSeconds,
    series: {
      bytesIn: points,
      bytesOut: points,
      connectionsOpen: points,
      connectionsOpened: points,
      connectionsFailed: points,
    },
  });
}

const point = (at: number, bytesIn: number): LiveMetric =>
  makeLiveMetric({ at, connectionsOpened: 1, connectionsFailed: 2, bytesIn });

describe("summariseDay", () => {
  const day = series(T0, 60, [100, null, 100]);
  const dayEnd = T0 + 3 * MINUTE_MS;

  it("counts every moment once, whichever source tells of it", () => {
    // Begins a minute before the day's end: that minute is in both.
    const recent = series(dayEnd - MINUTE_MS, 10, [5, 5, 5, 5, 5, 5, 7]);
    const recentEnd = dayEnd + 10_000;
    const live = [point(recentEnd - 1, 99), point(recentEnd, 20), point(recentEnd + 3_000, 5)];
    const summary = summariseDay({ day, recent, live });
    expect(summary).toEqual({ opened: 209, failed: 211, bytesIn: 232, bytesOut: 207 });
  });

  it("goes by what was told live while the fine series is on its way", () => {
    const live = [point(dayEnd - 1, 99), point(dayEnd, 50)];
    expect(summariseDay({ day, recent: undefined, live }).bytesIn).toBe(250);
  });
});

describe("summariseLatency", () => {
  it("names times that were measured", () => {
    const connections = [5, 1, 3, 2, 4].map((openLatencyMs) => makeConnection({ openLatencyMs }));
    expect(summariseLatency(connections)).toEqual({ count: 5, p50: 3, p99: 5 });
  });

  it("knows nothing of connections that were never answered", () => {
    expect(summariseLatency([makeConnection({ openLatencyMs: null })])).toBeNull();
  });
});
