import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LiveStatusStore, STALE_AFTER_MS } from "./live-status.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("is live, then reconnecting, then stale since the link was lost", () => {
  let now = 1_000;
  const store = new LiveStatusStore(() => now);
  store.connected();
  expect(store.get()).toEqual({ state: "live", truthAt: 1_000 });
  now = 2_000;
  store.lost();
  expect(store.get()).toEqual({ state: "reconnecting", truthAt: 2_000 });
  now = 3_000;
  store.lost();
  vi.advanceTimersByTime(STALE_AFTER_MS);
  expect(store.get()).toEqual({ state: "stale", truthAt: 2_000 });
});

it("is never stale when the link returns in time", () => {
  const store = new LiveStatusStore(() => 7);
  store.connected();
  store.lost();
  vi.advanceTimersByTime(STALE_AFTER_MS - 1);
  store.connected();
  vi.advanceTimersByTime(STALE_AFTER_MS);
  expect(store.get().state).toBe("live");
});

it("says so when the first attempts fail", () => {
  const store = new LiveStatusStore();
  store.lost();
  expect(store.get().state).toBe("connecting");
  vi.advanceTimersByTime(STALE_AFTER_MS);
  expect(store.get()).toEqual({ state: "stale", truthAt: null });
});
