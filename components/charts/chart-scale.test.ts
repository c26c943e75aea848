import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countScale,
  formatTick,
  latencyScale,
  mirrorScale,
  niceStep,
  timeTicks,
} from "./chart-scale.ts";

describe("mirrorScale", () => {
  it("holds every value, with a line at zero and no more than eight others", () => {
    const rate = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(rate, rate, (up, down) => {
        const { min, max, ticks } = mirrorScale(up, down);
        expect(max).toBeGreaterThanOrEqual(up);
        expect(-min).toBeGreaterThanOrEqual(down);
        expect(ticks).toContain(0);
        expect(ticks.length).toBeLessThanOrEqual(9);
      }),
    );
  });

  it("shows an idle chart with room", () => {
    expect(mirrorScale(0, 0).max).toBeGreaterThan(0);
  });
});

describe("countScale", () => {
  it.each([0, 1, 2, 3, 7, 40, 999])("has whole lines up to %i and beyond", (max) => {
    const scale = countScale(max);
    expect(scale.max).toBeGreaterThanOrEqual(max);
    expect(scale.ticks.every(Number.isInteger)).toBe(true);
  });
});

describe("latencyScale", () => {
  it.each([0, 0.4, 3, 26, 4_000])("holds %d ms", (max) => {
    expect(latencyScale(max).max).toBeGreaterThanOrEqual(max);
  });
});

describe("niceStep", () => {
  it.each([
    [300, 2, 200],
    [500, 2, 250],
    [9, 2, 5],
    [0, 2, 1],
  ])("divides %i by %i in steps of %i", (max, count, step) => {
    expect(niceStep(max, count)).toBe(step);
  });
});

describe("formatTick", () => {
  it.each([
    [0, "0"],
    [-300_000_000, "300 M"],
    [2_500, "2.5 k"],
    [1_000_000_000, "1 G"],
  ])("writes %d as %s", (value, text) => {
    expect(formatTick(value)).toBe(text);
  });
});

describe("timeTicks", () => {
  it("stands on round minutes, never more than asked for", () => {
    const from = Date.UTC(2026, 10, 21, 14, 0, 30);
    const ticks = timeTicks(from, from + 15 * 60_000, 6);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.every((at) => at % 180_000 === 0)).toBe(true);
  });
});
