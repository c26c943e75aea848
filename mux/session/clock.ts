/** Time as a parameter, so that tests own it. */
export interface MuxClock {
  /** Monotonic, milliseconds. */
  now(): number;
  /** @returns cancels the timer; harmless after it has fired. */
  setTimer(delayMs: number, fire: () => void): () => void;
}

/** The machine's own clock. */
export const SYSTEM_CLOCK: MuxClock = {
  now: () => performance.now(),
  setTimer: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};
