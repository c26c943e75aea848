import {
  ArrowLeftRight,
  Box,
  Database,
  Globe,
  PanelTop,
  User,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { Icon } from "#components/ui/icon.tsx";
import type { Hop, HopKind, HopState } from "./path-facts.ts";

const ICONS: Record<HopKind, LucideIcon> = {
  client: User,
  endpoint: ArrowLeftRight,
  relay: PanelTop,
  agent: Box,
  backend: Database,
  gateway: Globe,
};

export const KINDS: Record<HopKind, string> = {
  client: "Clients",
  endpoint: "Endpoint",
  relay: "Relay",
  agent: "Agent",
  backend: "Backend",
  gateway: "Direct address",
};

interface StateLook {
  readonly word: string;
  readonly dot: string;
  readonly box: string;
}

const STATES: Record<HopState, StateLook> = {
  ok: { word: "works", dot: "bg-success", box: "border-line" },
  warning: { word: "impaired", dot: "bg-warning", box: "border-warning" },
  broken: { word: "broken", dot: "bg-danger", box: "border-danger" },
  idle: { word: "idle", dot: "border-[1.5px] border-faint", box: "border-line" },
  unknown: { word: "not known yet", dot: "border-[1.5px] border-faint", box: "border-line" },
};

interface HopBoxProps {
  readonly hop: Hop;
  /** On the way that new clients take. */
  readonly isInForce: boolean;
  /** As wide as its text: for a way of two hops. */
  readonly isCompact?: boolean;
  readonly children?: ReactNode;
}

/** One hop: what it is, and how it is. */
export function HopBox({ hop, isInForce, isCompact = false, children }: HopBoxProps) {
  const { word, dot, box } = STATES[hop.state];
  return (
    <li
      className={cn(
        "relative flex min-w-0 items-center gap-2.5 rounded-lg border px-2.5 py-2",
        isCompact ? "md:max-w-[45%]" : "flex-1",
        box,
        !isInForce && "border-dashed",
      )}
    >
      <span className="grid size-7 shrink-0 place-items-center rounded-[7px] bg-raised text-muted md:max-[1380px]:hidden">
        <Icon icon={ICONS[hop.kind]} />
      </span>
      <div className="min-w-0">
        <div
          className={cn(
            "truncate pr-2.5 text-sm leading-[18px]",
            isInForce ? "font-medium" : "text-muted",
            hop.kind === "gateway" && "mono",
          )}
          title={hop.title}
        >
          <span className="sr-only">{KINDS[hop.kind]}: </span>
          {hop.title}
        </div>
        <div className="truncate text-xs text-muted" title={hop.detail}>
          {hop.detail}
        </div>
      </div>
      {children}
      <span
        title={word}
        className={cn("absolute right-2 top-2 size-[7px] shrink-0 rounded-full", dot)}
      >
        <span className="sr-only">, {word}</span>
      </span>
    </li>
  );
}

interface WireProps {
  /** A rate, a round trip. */
  readonly wire: string | null;
  /** What the number is, for its accessible name. */
  readonly label: string | null;
  /** Nothing new passes here. */
  readonly isCut: boolean;
  /** Takes all the room between two hops. */
  readonly isLong?: boolean;
}

/** From one hop to the next; what is measured on it stands above. */
export function Wire({ wire, label, isCut, isLong = false }: WireProps) {
  return (
    <li
      className={cn(
        "flex items-center gap-2 pl-5 text-[11px] leading-4 text-muted md:grid md:justify-items-center md:gap-[3px] md:px-0.5 md:pl-0.5",
        isLong ? "md:min-w-10 md:flex-1" : "md:shrink-0",
        !isLong && (wire === null ? "md:w-10" : "md:w-[68px]"),
      )}
      {...(wire === null && { "aria-hidden": true })}
    >
      <span className="order-2 whitespace-nowrap md:order-none" title={label ?? undefined}>
        {wire !== null && <span className="sr-only">{label}: </span>}
        {wire ?? " "}
      </span>
      <span
        aria-hidden="true"
        className={cn(
          "h-3 w-0 border-l-2 md:h-0 md:w-full md:border-l-0 md:border-t-2",
          isCut ? "border-dashed border-line-strong" : "border-solid border-accent/60",
        )}
      />
    </li>
  );
}
