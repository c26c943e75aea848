import { describe, expect, it } from "vitest";
import { parseDurationMs } from "./annotations.ts";

describe("parseDurationMs", () => {
  it.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["2h", 7_200_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["7d", 604_800_000],
    ["300", 300_000],
    ["0s", 0],
    ["", null],
    ["2 h", null],
    ["-5s", null],
    ["5", 5_000],
    ["soon", null],
    ["1h30", null],
    ["99999999999999999999", null],
  ])("%s", (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });
});
