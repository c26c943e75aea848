import { describe, expect, it } from "vitest";
import { parseQuantity } from "./parse-quantity.ts";

describe("parseQuantity", () => {
  it.each([
    ["4", 4],
    ["3920m", 3.92],
    ["100u", 0.0001],
    ["16Gi", 17_179_869_184],
    ["32780420Ki", 33_567_150_080],
    ["128974848", 128_974_848],
    ["129e6", 129_000_000],
    ["129M", 129_000_000],
    ["1.5k", 1_500],
    [".5", 0.5],
    ["2E", 2e18],
  ])("reads %s", (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 6);
  });

  it.each(["", "much", "4 cores", "12Xi", "-3", "1e999", "Gi"])("counts %j as nothing", (text) => {
    expect(parseQuantity(text)).toBe(0);
  });
});
