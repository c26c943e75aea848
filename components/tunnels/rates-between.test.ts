import { expect, it } from "vitest";
import { ratesBetween } from "./rates-between.ts";

it("divides what was added by the time between two looks", () => {
  const before = { at: 1_000, counts: { in: 10, out: 5 } };
  expect(ratesBetween(before, { at: 3_000, counts: { in: 30, out: 5 } })).toEqual({
    in: 10,
    out: 0,
  });
});

it("counts from nothing when a counter began anew", () => {
  expect(ratesBetween({ at: 0, counts: { in: 900 } }, { at: 2_000, counts: { in: 8 } })).toEqual({
    in: 4,
  });
});
