/** Time as a parameter: tests advance it by hand. */
export interface Clock {
  /** Milliseconds since the epoch, for what people read. */
  now(): number;
  /** Milliseconds of a clock that never jumps, for durations. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};
