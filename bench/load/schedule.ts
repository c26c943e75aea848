import { startMetronome } from "./metronome.ts";

export interface ScheduleOptions {
  readonly perSecond: number;
  readonly seconds: number;
  /** @param dueMs when it should have been called, on the clock of `performance.now`. */
  readonly onDue: (dueMs: number) => void;
}

/** Calls at a fixed rate whatever becomes of it. Who measures from `dueMs` hides no waiting. @returns how often, at the end. */
export function keepSchedule({ perSecond, seconds, onDue }: ScheduleOptions): Promise<number> {
  const everyMs = 1000 / perSecond;
  const count = Math.round(perSecond * seconds);
  return new Promise((resolve) => {
    let done = 0;
    let startMs = 0;
    const stop = startMetronome(everyMs, () => {
      const nowMs = performance.now();
      // The thread takes its time to start.
      startMs ||= nowMs;
      for (; done < count && startMs + done * everyMs <= nowMs; done += 1) {
        onDue(startMs + done * everyMs);
      }
      if (done < count) return;
      stop();
      resolve(count);
    });
  });
}
