"use client";

import { formatClockSeconds } from "#components/lib/format.ts";
import { useLiveStatus, type LiveStatus } from "#components/lib/live-status.ts";
import { Dot } from "#components/ui/status.tsx";
import type { DotTone } from "#components/ui/tone.ts";

interface LiveWords {
  readonly tone: DotTone;
  readonly short: string;
  readonly long: string;
}

function wordsFor({ state, truthAt }: LiveStatus): LiveWords {
  switch (state) {
    case "live":
      return { tone: "success", short: "Live", long: "Everything shown is true within a second." };
    case "connecting":
      return { tone: "off", short: "Connecting", long: "The live link is being opened." };
    case "reconnecting":
      return { tone: "warning", short: "Reconnecting", long: "The live link was lost just now." };
    case "stale": {
      const since = truthAt === null ? null : formatClockSeconds(truthAt);
      return {
        tone: "danger",
        short: since === null ? "Not live" : `Stale since ${since}`,
        long: "The live link is down: what is shown may be out of date. Tunnels keep running.",
      };
    }
  }
}

/** *Live*, *Reconnecting* or *Stale since 14:02:11*. */
export function LiveIndicator() {
  const words = wordsFor(useLiveStatus());
  return (
    <span
      role="status"
      title={words.long}
      className="inline-flex items-center gap-[7px] whitespace-nowrap text-[12.5px] text-muted"
    >
      <Dot tone={words.tone} />
      <span className={words.tone === "success" ? "sr-only sm:not-sr-only" : undefined}>
        {words.short}
      </span>
    </span>
  );
}
