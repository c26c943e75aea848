"use client";

import { useEffect, useState } from "react";

/** The time, once per tick, standing still while the tab is hidden: a hidden chart draws nothing. */
export function useChartClock(tickMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  // Synchronises with the clock and with the visibility of the tab.
  useEffect(() => {
    const tick = (): void => {
      if (document.visibilityState === "visible") setNow(Date.now());
    };
    const timer = setInterval(tick, tickMs);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [tickMs]);
  return now;
}
