import { describe, expect, it } from "vitest";
import { holdOrder } from "./held-order.ts";

describe("holdOrder", () => {
  it("keeps rows where they are and counts the new ones", () => {
    expect(holdOrder(["a", "b"], ["c", "b", "a"])).toEqual({ ids: ["a", "b"], newCount: 1 });
  });

  it("lets go of what is gone", () => {
    expect(holdOrder(["a", "b"], ["b"])).toEqual({ ids: ["b"], newCount: 0 });
  });
});
