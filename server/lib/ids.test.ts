import { describe, expect, it } from "vitest";
import { ClusterId } from "#protocol/api/ids.ts";
import { newId } from "./ids.ts";

describe("newId", () => {
  it("makes ids that the contract accepts", () => {
    expect(ClusterId.safeParse(newId("cl")).success).toBe(true);
    expect(newId("cl")).toMatch(/^cl_[0-9a-z]{20}$/);
  });

  it("does not repeat itself", () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => newId("tn")));
    expect(ids.size).toBe(1_000);
  });
});
