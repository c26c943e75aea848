import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withDeadline } from "./deadline.ts";

describe("withDeadline", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("passes the result on and leaves no timer behind", async () => {
    await expect(withDeadline(Promise.resolve(7), 1_000, "it")).resolves.toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes a failure on and leaves no timer behind", async () => {
    const failure = new Error("no");
    await expect(withDeadline(Promise.reject(failure), 1_000, "it")).rejects.toBe(failure);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives up with deadline_exceeded", async () => {
    const result = withDeadline(new Promise(() => undefined), 1_000, "it").catch(
      (error: unknown) => error,
    );
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await result).toMatchObject({ code: "deadline_exceeded" });
  });
});
