"use client";

import { useEffect, useState } from "react";
import { Sparkline } from "#components/charts/sparkline.tsx";
import { useRecentRates } from "#components/charts/use-recent-rates.ts";

/** Rows that only fly past while scrolling ask for nothing. */
const SETTLE_MS = 250;

/** The last quarter of an hour of one tunnel, both directions together. */
export function TunnelSparkline({ tunnelId }: { readonly tunnelId: string }) {
  const [isSettled, setSettled] = useState(false);
  // Waits until the row stays on show.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isSettled ? <SettledSparkline tunnelId={tunnelId} /> : null;
}

function SettledSparkline({ tunnelId }: { readonly tunnelId: string }) {
  const points = useRecentRates(`tunnel:${tunnelId}`);
  const isQuiet = points.every((point) => point === null || point === 0);
  return (
    <Sparkline points={points} label="" tone={isQuiet ? "quiet" : "in"} width={92} height={24} />
  );
}
