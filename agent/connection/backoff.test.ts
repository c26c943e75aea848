import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfterMs, retryDelayMs } from "./backoff.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("retryDelayMs", () => {
  it("never waits longer than its cap, nor less than its floor", () => {
    fc.assert(
      fc.property(fc.nat(1_000), random, (attempt, x) => {
        const delay = retryDelayMs("backoff", attempt, () => x);
        expect(delay).toBeGreaterThanOrEqual(50);
        expect(delay).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it("doubles its bound with each attempt: full jitter", () => {
    const bounds = [0, 1, 2, 3, 10].map((attempt) =>
      retryDelayMs("backoff", attempt, () => 0.999_999),
    );
    expect(bounds).toEqual([499, 999, 1_999, 3_999, 29_999]);
    expect(retryDelayMs("backoff", 3, () => 0.5)).toBe(2_000);
  });

  it("takes its time where an operator has to act first", () => {
    expect(retryDelayMs("slowly", 0, () => 0)).toBe(15_000);
    expect(retryDelayMs("slowly", 99, () => 0.999_999)).toBe(59_999);
  });

  it("looks for the other relay quickly", () => {
    expect(retryDelayMs("elsewhere", 0, () => 0.999_999)).toBe(99);
    expect(retryDelayMs("elsewhere", 50, () => 0.999_999)).toBe(4_999);
  });

  it("gives up where nothing can change", () => {
    expect(retryDelayMs("never", 0, () => 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("parseRetryAfterMs", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  it.each([
    [null, 0],
    ["3", 3_000],
    ["0", 0],
    ["Sat, 21 Nov 2026 12:00:07 GMT", 7_000],
    ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
    ["soon", 0],
    ["-5", 0],
    ["999999999", 300_000],
  ])("%s", (value, expected) => {
    expect(parseRetryAfterMs(value, now)).toBe(expected);
  });
});
