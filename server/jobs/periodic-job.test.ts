import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PeriodicJob } from "./periodic-job.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("PeriodicJob", () => {
  it("never runs twice at once, however long a run takes", async () => {
    const runs: (() => void)[] = [];
    const job = new PeriodicJob(10, () => new Promise((resolve) => runs.push(resolve)), vi.fn());
    job.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(runs).toHaveLength(1);
    runs[0]?.();
    await vi.advanceTimersByTimeAsync(10);
    expect(runs).toHaveLength(2);
    runs[1]?.();
    await job.stop();
  });

  it("reports a failure and goes on", async () => {
    const onError = vi.fn();
    const work = vi.fn(() => Promise.reject(new Error("no")));
    const job = new PeriodicJob(10, work, onError);
    job.start();
    await vi.advanceTimersByTimeAsync(25);
    expect(work).toHaveBeenCalledTimes(2);
    expect(onError).toHaveBeenCalledTimes(2);
    await job.stop();
  });

  it("waits for the run under way when stopped, and leaves no timer", async () => {
    let finish = (): void => undefined;
    const job = new PeriodicJob(10, () => new Promise((resolve) => (finish = resolve)), vi.fn());
    job.start();
    await vi.advanceTimersByTimeAsync(10);
    let isStopped = false;
    const stopping = job.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(50);
    expect(isStopped).toBe(false);
    finish();
    await stopping;
    expect(vi.getTimerCount()).toBe(0);
  });
});
