import { describe, expect, it } from "vitest";
import { sparklinePaths } from "./sparkline-path.ts";

describe("sparklinePaths", () => {
  it("draws one run per stretch of known values", () => {
    expect(sparklinePaths([1, 2, null, 3, 4], 90, 20)).toHaveLength(2);
  });

  it("draws nothing of nothing", () => {
    expect(sparklinePaths([], 90, 20)).toEqual([]);
    expect(sparklinePaths([null, null], 90, 20)).toEqual([]);
  });

  it("fills the width when it knows only the end", () => {
    expect(sparklinePaths([null, null, null, 1, 2], 90, 20)).toEqual(
      sparklinePaths([1, 2], 90, 20),
    );
    expect(sparklinePaths([null, null, 1], 90, 20)).toEqual([]);
  });

  it("keeps a later gap where it was", () => {
    expect(sparklinePaths([0, 0, null, null], 90, 20)[0]).toBe("M2.0 18.0L30.7 18.0");
  });

  it("keeps quiet at the bottom and a steady line in the middle", () => {
    expect(sparklinePaths([0, 0], 90, 20)[0]).toMatch(/ 18\.0.* 18\.0$/);
    expect(sparklinePaths([7, 7], 90, 20)[0]).toMatch(/ 10\.0.* 10\.0$/);
  });
});
