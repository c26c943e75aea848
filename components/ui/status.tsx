import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import type { DotTone } from "./tone.ts";

const DOTS: Record<DotTone, string> = {
  success: "bg-success",
  warning: "bg-warning",
  danger: "bg-danger",
  info: "bg-info",
  special: "bg-series-3",
  in: "bg-in",
  out: "bg-out",
  off: "border-[1.5px] border-faint",
};

/** Decoration: always beside a word. */
export function Dot({ tone }: { readonly tone: DotTone }) {
  return (
    <span
      aria-hidden="true"
      className={cn("inline-block size-2 shrink-0 rounded-full", DOTS[tone])}
    />
  );
}

interface StatusProps {
  readonly tone: DotTone;
  /** The word. */
  readonly children: ReactNode;
  readonly isMuted?: boolean;
}

/** A dot and a word. */
export function Status({ tone, children, isMuted = false }: StatusProps) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-[7px] whitespace-nowrap",
        isMuted && "text-muted",
      )}
    >
      <Dot tone={tone} />
      <span>{children}</span>
    </span>
  );
}
