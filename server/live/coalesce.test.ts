import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Coalescer } from "./coalesce.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("Coalescer", () => {
  it("turns a burst into one call for each key", async () => {
    const work = vi.fn(async (_key: string) => undefined);
    const coalescer = new Coalescer(10, work, vi.fn());
    for (const key of ["a", "b", "a", "a"]) coalescer.add(key);
    await vi.advanceTimersByTimeAsync(10);
    expect(work.mock.calls.map(([key]) => key)).toEqual(["a", "b"]);
  });

  it("never runs a key twice at once, and runs it again for news that came meanwhile", async () => {
    const finish: (() => void)[] = [];
    const work = vi.fn((_key: string) => new Promise<void>((resolve) => finish.push(resolve)));
    const coalescer = new Coalescer(10, work, vi.fn());
    coalescer.add("a");
    await vi.advanceTimersByTimeAsync(10);
    coalescer.add("a");
    await vi.advanceTimersByTimeAsync(50);
    expect(work).toHaveBeenCalledTimes(1);
    finish[0]?.();
    await vi.advanceTimersByTimeAsync(10);
    expect(work).toHaveBeenCalledTimes(2);
    coalescer.close();
  });

  it("reports a failure, and does nothing after it was closed", async () => {
    const onError = vi.fn();
    const work = vi.fn((_key: string) => Promise.reject(new Error("no")));
    const coalescer = new Coalescer(10, work, onError);
    coalescer.add("a");
    await vi.advanceTimersByTimeAsync(10);
    expect(onError).toHaveBeenCalledOnce();
    coalescer.add("a");
    coalescer.close();
    await vi.advanceTimersByTimeAsync(50);
    expect(work).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
