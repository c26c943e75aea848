import { describe, expect, it } from "vitest";
import { ClusterId } from "#protocol/api/ids.ts";
import { newId, newOrderedId } from "./ids.ts";

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

describe("newOrderedId", () => {
  it("sorts in the order of creation, as the contract accepts", () => {
    const ids = Array.from({ length: 1_000 }, () => newOrderedId("ev"));
    expect([...ids].sort()).toEqual(ids);
    expect(ids[0]).toMatch(/^ev_[0-9a-z]{20}$/);
  });
});
