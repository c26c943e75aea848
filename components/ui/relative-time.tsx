"use client";

import {
  formatDuration,
  formatExact,
  formatMoment,
  formatRelative,
} from "#components/lib/format.ts";
import { useNow } from "#components/lib/use-now.ts";

const LOOKS = {
  /** `3 min ago` */
  relative: formatRelative,
  /** `14:02` today, `20 Nov, 14:02` before. */
  moment: formatMoment,
  /** `2 h 14 m`: how long since. */
  age: (at: string | number, now: number) => formatDuration(now - new Date(at).getTime()),
} as const;

interface RelativeTimeProps {
  readonly at: string | number;
  readonly look?: keyof typeof LOOKS;
}

/** A time as people say it; the exact one on hover and in the accessible name. */
export function RelativeTime({ at, look = "relative" }: RelativeTimeProps) {
  const now = useNow();
  const exact = formatExact(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={exact} suppressHydrationWarning>
      {LOOKS[look](at, now)}
      <span className="sr-only" suppressHydrationWarning>
        {" "}
        ({exact})
      </span>
    </time>
  );
}
