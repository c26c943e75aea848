import { expect, it } from "vitest";
import type { MuxClock } from "#mux/session/clock.ts";
import { EventLoopWatch } from "./event-loop-watch.ts";

/** A loop whose every beat is late by what the test says. */
function setup() {
  let now = 0;
  let due: { at: number; fire: () => void } | null = null;
  const clock: MuxClock = {
    now: () => now,
    setTimer: (delayMs, fire) => {
      due = { at: now + delayMs, fire };
      return () => (due = null);
    },
  };
  const watch = new EventLoopWatch(clock);
  watch.start();
  const beat = (lateMs: number): boolean => {
    const timer = due;
    if (timer === null) return false;
    now = timer.at + lateMs;
    timer.fire();
    return true;
  };
  return { watch, beat };
}

it("tells how late the newest beat was", () => {
  const { watch, beat } = setup();
  beat(250);
  expect(watch.lagSeconds).toBe(0.25);
  beat(0);
  expect(watch.lagSeconds).toBe(0);
});

it("is stuck after three late beats in a row, and recovers", () => {
  const { watch, beat } = setup();
  beat(5_000);
  beat(5_000);
  expect(watch.isStuck).toBe(false);
  beat(5_000);
  expect(watch.isStuck).toBe(true);
  beat(10);
  expect(watch.isStuck).toBe(false);
});

it("forgives one long pause, as of a suspended machine", () => {
  const { watch, beat } = setup();
  beat(3_600_000);
  beat(0);
  beat(0);
  expect(watch.isStuck).toBe(false);
});

it("beats no more once stopped", () => {
  const { watch, beat } = setup();
  watch.stop();
  expect(beat(0)).toBe(false);
});
