import { expect, it } from "vitest";
import { hourTrend } from "./hour-trend.ts";

it("turns sums into rates and keeps gaps", () => {
  const trend = hourTrend({
    from: "2026-11-21T14:00:00.000Z",
    to: "2026-11-21T14:00:20.000Z",
    stepSeconds: 10,
    series: {
      bytesIn: [
        [0, 100],
        [10_000, null],
        [20_000, 50],
      ],
      bytesOut: [
        [0, 20],
        [10_000, null],
        [20_000, 0],
      ],
      connectionsOpen: [
        [0, 7],
        [10_000, null],
        [20_000, 9],
      ],
      connectionsOpened: [],
      connectionsFailed: [],
    },
  });
  expect(trend.rate).toEqual([
    [0, 12],
    [10_000, null],
    [20_000, 5],
  ]);
  expect(trend).toMatchObject({ openBefore: 7, lastIn: 5, lastOut: 0 });
});
