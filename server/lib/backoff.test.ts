import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

const always = (value: number) => () => value;

describe("backoffMs", () => {
  it("doubles its bound up to the cap", () => {
    const options = { baseMs: 100, capMs: 1_000, random: always(0.999999) };
    expect([0, 1, 2, 3, 4, 50].map((n) => backoffMs(n, options))).toEqual([
      99, 199, 399, 799, 999, 999,
    ]);
  });

  it("draws from the whole range, down to nothing", () => {
    expect(backoffMs(5, { baseMs: 100, capMs: 1_000, random: always(0) })).toBe(0);
  });

  it("never leaves 0 ≤ wait < cap", () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, random) => {
          const wait = backoffMs(n, { baseMs: 250, capMs: 30_000, random: always(random) });
          return Number.isInteger(wait) && wait >= 0 && wait < 30_000;
        },
      ),
    );
  });
});
