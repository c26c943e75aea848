import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { percentiles } from "./percentiles.ts";

describe("percentiles", () => {
  it("are none of nothing", () => {
    expect(percentiles([1, 2], [0, 0, 0])).toBeNull();
    expect(percentiles([1, 2], [])).toBeNull();
  });

  it("spread the values of a bucket evenly over it", () => {
    expect(percentiles([10, 20], [0, 100, 0])).toEqual({ p50: 15, p90: 19, p99: 19.9 });
    expect(percentiles([10, 20], [100, 0, 0])).toEqual({ p50: 5, p90: 9, p99: 9.9 });
  });

  it("step over empty buckets", () => {
    expect(percentiles([1, 2, 4, 8], [50, 0, 0, 50, 0])).toEqual({ p50: 1, p90: 7.2, p99: 7.92 });
  });

  it("know nothing of what is above the last bound but that it is", () => {
    expect(percentiles([1, 2], [0, 0, 7])).toEqual({ p50: 2, p90: 2, p99: 2 });
  });

  it("lie in the bucket of the value that so many are below, and in order", () => {
    const bounds = [1, 2, 5, 10];
    const values = fc.array(fc.double({ min: 0.001, max: 9.999, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(values, (some) => {
        const bucketOf = (value = NaN) => bounds.findIndex((bound) => value <= bound);
        const counts = bounds.map((_, i) => some.filter((value) => bucketOf(value) === i).length);
        const sorted = some.toSorted((a, b) => a - b);
        const valueAt = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
        const { p50, p90, p99 } = percentiles(bounds, counts) ?? { p50: 0, p90: 0, p99: 0 };
        expect([p50, p90, p99].map(bucketOf)).toEqual([0.5, 0.9, 0.99].map(valueAt).map(bucketOf));
        expect(p50 <= p90 && p90 <= p99).toBe(true);
      }),
    );
  });
});
