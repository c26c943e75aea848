import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatDuration,
  formatLatency,
  formatRate,
  formatRelative,
  formatThreeDigits,
  plural,
  rateInUnit,
} from "./format.ts";

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "0.98 KiB"],
    [1_024, "1.00 KiB"],
    [14_336, "14.0 KiB"],
    [1_048_576, "1.00 MiB"],
    [448_000_000_000, "417 GiB"],
  ])("%d bytes are %s", (bytes, said) => {
    expect(formatBytes(bytes)).toBe(said);
  });

  it("never take more than three digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e17, noNaN: true }), (bytes) => {
        const digits = (formatBytes(bytes).split(" ")[0] ?? "").replace(".", "");
        return digits.replace(/^0+(?=\d)/, "").length <= 3;
      }),
    );
  });
});

describe("rates", () => {
  it.each([
    [0, "0"],
    [1, "8 bit/s"],
    [125, "1.00 kbit/s"],
    [23_000, "184 kbit/s"],
    [1_012_500, "8.10 Mbit/s"],
    [124_999_999, "1.00 Gbit/s"],
  ])("%d bytes a second are %s", (rate, said) => {
    expect(formatRate(rate)).toBe(said);
  });

  it("can be said in the unit of another figure", () => {
    expect(rateInUnit(1_250_000, "Mbit/s")).toBe("10.0");
    expect(rateInUnit(1_250_000, "Gbit/s")).toBe("0.01");
  });
});

it.each([
  [9.994, "9.99"],
  [9.996, "10.0"],
  [99.96, "100"],
  [0, "0"],
])("%d in three digits is %s", (value, said) => {
  expect(formatThreeDigits(value)).toBe(said);
});

it.each([
  [0, "0 ms"],
  [22_900, "22 s"],
  [41 * 60_000, "41 m"],
  [2 * 3_600_000, "2 h"],
  [2 * 3_600_000 + 14 * 60_000, "2 h 14 m"],
  [76 * 3_600_000, "3 d 4 h"],
  [-5, "0 ms"],
])("%d ms last %s", (ms, said) => {
  expect(formatDuration(ms)).toBe(said);
});

it.each([
  [0.12, "0.1 ms"],
  [23.4, "23 ms"],
  [1_204, "1.20 s"],
])("a round trip of %d ms is %s", (ms, said) => {
  expect(formatLatency(ms)).toBe(said);
});

it.each([
  [0, "just now"],
  [30_000, "30 s ago"],
  [3 * 60_000, "3 min ago"],
  [26 * 3_600_000, "1 d ago"],
  [-2 * 3_600_000, "in 2 h"],
])("what was %d ms ago is %s", (ago, said) => {
  expect(formatRelative(1_000_000_000_000 - ago, 1_000_000_000_000)).toBe(said);
});

it("counts in the plural from two on, and for none", () => {
  expect([plural(0, "tunnel"), plural(1, "tunnel"), plural(1_200, "tunnel")]).toEqual([
    "0 tunnels",
    "1 tunnel",
    "1,200 tunnels",
  ]);
});
