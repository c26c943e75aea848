import { describe, expect, it } from "vitest";
import { makeLiveMetric } from "#components/lib/testing/make-live-metric.ts";
import { SeriesDto } from "#protocol/api/series.ts";
import type { LiveMetric } from "#protocol/live/events.ts";
import { mergePoints, summarise, toLivePoints, toRatePoints, toTableRows } from "./rate-points.ts";

const T0 = Date.UTC(2026, 10, 21, 14, 0, 0);
const S = 1_000;

function live(seconds: number, bytesIn: number, open = 1, opened = 0): LiveMetric {
  return makeLiveMetric({
    at: T0 + seconds * S,
    bytesInPerSecond: bytesIn,
    bytesOutPerSecond: bytesIn / 2,
    connectionsOpen: open,
    connectionsOpened: opened,
  });
}

function series(values: readonly (number | null)[], toSeconds: number): SeriesDto {
  const points = values.map(
    (value, index) => [T0 + index * 10 * S, value] as [number, number | null],
  );
  return SeriesDto.parse({
    from: new Date(T0).toISOString(),
    to: new Date(T0 + toSeconds * S).toISOString(),
    stepSeconds: 10,
    series: {
      bytesIn: points,
      bytesOut: points,
      connectionsOpen: points,
      connectionsOpened: points,
      connectionsFailed: points,
    },
  });
}

const window = (from: number, to: number) => ({
  fromMs: T0 + from * S,
  toMs: T0 + to * S,
  stepMs: S,
  before: null,
});

describe("toRatePoints", () => {
  it("divides sums by the step and stands at its end", () => {
    expect(toRatePoints(series([100], 10))).toEqual([
      { at: T0 + 10 * S, in: 10, out: 10, open: 100, opened: 10 },
    ]);
  });

  it("keeps gaps as gaps", () => {
    expect(toRatePoints(series([100, null, 100], 30)).map((point) => point.in)).toEqual([
      10,
      null,
      10,
    ]);
  });

  it("leaves out the step that is not over", () => {
    expect(toRatePoints(series([100, 100], 15))).toHaveLength(1);
  });
});

describe("toLivePoints", () => {
  it("holds a value until the next one: only changes are sent", () => {
    const points = toLivePoints([live(1, 100), live(4, 0)], window(0, 5));
    expect(points.map((point) => point.in)).toEqual([100, 100, 100, 0, 0]);
  });

  it("counts what was opened once, in the second in which it was", () => {
    const points = toLivePoints([live(1, 0, 1, 4), live(4, 0, 1, 2)], window(0, 5));
    expect(points.map((point) => point.opened)).toEqual([4, 0, 0, 2, 0]);
    const [whole] = toLivePoints([live(1, 0, 1, 4), live(4, 0, 1, 2)], {
      ...window(0, 5),
      stepMs: 5 * S,
    });
    expect(whole?.opened).toBe(1.2);
  });

  it("knows nothing before the first value", () => {
    const points = toLivePoints([live(3, 100)], window(0, 4));
    expect(points.map((point) => point.in)).toEqual([null, null, 100, 100]);
  });

  it("carries on quiet, which sends nothing, but not traffic", () => {
    const before = (rate: number) => ({ at: T0, in: rate, out: rate, open: 2, opened: 0 });
    const quiet = toLivePoints([], { ...window(0, 2), before: before(0) });
    const busy = toLivePoints([], { ...window(0, 2), before: before(5) });
    expect(quiet.map((point) => point.in)).toEqual([0, 0]);
    expect(busy.map((point) => point.in)).toEqual([null, null]);
  });

  it("averages by time within longer steps", () => {
    const points = toLivePoints([live(1, 0), live(9, 100)], { ...window(0, 10), stepMs: 10 * S });
    expect(points).toEqual([{ at: T0 + 10 * S, in: 20, out: 10, open: 1, opened: 0 }]);
  });
});

describe("mergePoints", () => {
  const history = toRatePoints(series([100, 100], 20));
  const options = {
    history,
    historyToMs: T0 + 20 * S,
    live: [live(21, 30), live(22, 40)],
    fromMs: T0,
    truthMs: T0 + 22 * S,
    liveStepMs: S,
  };

  it("goes on with live seconds where history ends", () => {
    expect(mergePoints(options).map((point) => point.in)).toEqual([10, 10, 30, 40]);
  });

  it("joins the moment that history does not reach and live seconds did not see", () => {
    const merged = mergePoints({
      ...options,
      live: [live(35, 50)],
      truthMs: T0 + 35 * S,
    });
    expect(merged.map((point) => point.in)).toEqual([10, 10, 50]);
  });

  it("leaves a gap where nothing is known for longer", () => {
    const merged = mergePoints({
      ...options,
      live: [live(200, 50)],
      truthMs: T0 + 200 * S,
    });
    expect(merged.some((point) => point.in === null)).toBe(true);
  });

  it("stops where the page last knew the truth", () => {
    const merged = mergePoints({ ...options, truthMs: T0 + 21 * S });
    expect(merged.at(-1)?.at).toBe(T0 + 21 * S);
  });

  it("keeps one point beyond the left edge", () => {
    const merged = mergePoints({ ...options, fromMs: T0 + 15 * S });
    expect(merged[0]?.at).toBe(T0 + 10 * S);
  });
});

describe("summarise", () => {
  it("finds the last and the highest", () => {
    const summary = summarise([
      { at: 1, in: 5, out: 1, open: 3, opened: 2 },
      { at: 2, in: null, out: null, open: null, opened: null },
      { at: 3, in: 2, out: 4, open: 1, opened: 0 },
    ]);
    expect(summary).toEqual({
      lastIn: 2,
      lastOut: 4,
      maxIn: 5,
      maxOut: 4,
      maxOpen: 3,
      maxOpened: 2,
    });
  });
});

describe("toTableRows", () => {
  it("averages, newest first, and says nothing about gaps", () => {
    const rows = toTableRows(
      [
        { at: 5, in: 1, out: 1, open: 1, opened: 1 },
        { at: 10, in: 3, out: 3, open: 2, opened: 3 },
      ],
      0,
      20,
      2,
    );
    expect(rows.map((row) => row.in)).toEqual([null, 2]);
    expect(rows[1]?.open).toBe(2);
  });
});
