import { cn } from "#components/lib/cn.ts";
import type { DotTone } from "./tone.ts";

export type ShareTone = Extract<
  DotTone,
  "success" | "warning" | "danger" | "info" | "special" | "off"
>;

export interface Share {
  readonly tone: ShareTone;
  readonly count: number;
  readonly word: string;
}

const FILLS: Record<ShareTone, string> = {
  success: "bg-success",
  warning: "bg-warning",
  danger: "bg-danger",
  info: "bg-info",
  special: "bg-series-3",
  off: "bg-control",
};

interface ShareBarProps {
  readonly label: string;
  readonly shares: readonly Share[];
  /** As wide as what it stands in; else as a sparkline. */
  readonly isWide?: boolean;
}

/** How a whole is divided, as one thin bar. */
export function ShareBar({ label, shares, isWide = false }: ShareBarProps) {
  const present = shares.filter(({ count }) => count > 0);
  const words = present.map(({ count, word }) => `${count} ${word}`).join(", ");
  return (
    <div
      role="img"
      aria-label={`${label}: ${words === "" ? "none" : words}`}
      title={words}
      className={cn("relative z-10 flex h-1.5 gap-0.5", isWide ? "w-full" : "mb-2 w-[84px]")}
    >
      {present.length === 0 && <span className="flex-1 rounded-full bg-raised" />}
      {present.map(({ tone, count }) => (
        <span
          key={tone}
          className={cn("min-w-1 rounded-full", FILLS[tone])}
          style={{ flexGrow: count }}
        />
      ))}
    </div>
  );
}
