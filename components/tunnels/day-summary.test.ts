import { describe, expect, it } from "vitest";
import { makeConnection } from "#components/connections/testing/make-connection.ts";
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

const second = (at: number, bytes: number): LiveMetric => ({
  at,
  scope: "fleet",
  bytesInPerSecond: bytes,
  bytesOutPerSecond: 0,
  connectionsOpen: 1,
  connectionsOpened: 1,
});

describe("summariseDay", () => {
  const day = series(T0, 60, [100, null, 100]);
  const dayEnd = T0 + 3 * MINUTE_MS;

  it("counts every moment once, whichever source tells of it", () => {
    // Begins a minute before the day's end: that minute is in both.
    const recent = series(dayEnd - MINUTE_MS, 10, [5, 5, 5, 5, 5, 5, 7]);
    const recentEnd = dayEnd + 10_000;
    const live = [
      second(recentEnd - 5_000, 99),
      second(recentEnd + 1_000, 20),
      second(recentEnd + 3_000, 0),
    ];
    const summary = summariseDay({ day, recent, live, now: recentEnd + 10_000 });
    expect(summary).toEqual({ opened: 209, failed: 207, bytesIn: 247, bytesOut: 207 });
  });

  it("lets a rate hold until now when nothing newer is heard", () => {
    const live = [second(dayEnd + 1_000, 10)];
    const summary = summariseDay({ day, recent: undefined, live, now: dayEnd + 5_000 });
    expect(summary.bytesIn).toBe(250);
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
