import { describe, expect, it } from "vitest";
import { runBounded } from "./run-bounded.ts";

describe("runBounded", () => {
  it("runs few at once, in order, and goes on after a failure", async () => {
    let running = 0;
    let most = 0;
    const outcomes = await runBounded([...Array(20).keys()], async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (item === 3) throw new Error("refused");
      return item * 2;
    });
    expect(most).toBeLessThanOrEqual(6);
    expect(outcomes.map(({ value }) => value)).toEqual(
      [...Array(20).keys()].map((item) => (item === 3 ? null : item * 2)),
    );
    expect(outcomes.filter(({ error }) => error !== null)).toHaveLength(1);
  });
});
