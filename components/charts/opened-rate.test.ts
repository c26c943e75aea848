import { describe, expect, it } from "vitest";
import { makeLiveMetric } from "#components/lib/testing/make-live-metric.ts";
import { openedPerSecond } from "./opened-rate.ts";

const NOW = 1_000_000;
const point = (secondsAgo: number, connectionsOpened: number) =>
  makeLiveMetric({ at: NOW - secondsAgo * 1_000, connectionsOpened });

describe("openedPerSecond", () => {
  it("is not known before the first measurement", () => {
    expect(openedPerSecond([], NOW)).toBeNull();
  });

  it("spreads the last ten seconds, silent ones included", () => {
    expect(openedPerSecond([point(30, 500), point(8, 12), point(2, 8)], NOW)).toBe(2);
  });

  it("looks no further back than it was measured", () => {
    expect(openedPerSecond([point(1, 6), point(0, 2)], NOW)).toBe(4);
  });

  it("is 0 after silence", () => {
    expect(openedPerSecond([point(60, 5)], NOW)).toBe(0);
  });
});
