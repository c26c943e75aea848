"use client";

import {
  ArrowLeftRight,
  Box,
  Database,
  PanelTop,
  TriangleAlert,
  User,
  type LucideIcon,
} from "lucide-react";
import { Fragment } from "react";
import { cn } from "#components/lib/cn.ts";
import { Card } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { Status } from "#components/ui/status.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { findProblem, type Hop, type HopKind, type HopState } from "./tunnel-path.ts";
import { MODES } from "./tunnel-words.ts";

const ICONS: Record<HopKind, LucideIcon> = {
  client: User,
  endpoint: ArrowLeftRight,
  relay: PanelTop,
  agent: Box,
  backend: Database,
};

const KINDS: Record<HopKind, string> = {
  client: "Clients",
  endpoint: "Endpoint",
  relay: "Relay",
  agent: "Agent",
  backend: "Backend",
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

interface PathCardProps {
  readonly tunnel: TunnelDto;
  readonly hops: readonly Hop[];
}

/** The way from the client to the backend, the broken hop marked and explained. */
export function PathCard({ tunnel, hops }: PathCardProps) {
  const problem = findProblem(hops);
  const brokenAt = hops.findIndex(({ state }) => state === "broken");
  return (
    <Card label="Path">
      <ol className="flex flex-col gap-2 p-4 md:flex-row md:items-center md:gap-0">
        {hops.map((hop, index) => (
          <Fragment key={hop.kind}>
            {index > 0 && (
              <Wire
                from={hops[index - 1]}
                isCut={brokenAt >= 0 && index >= Math.max(brokenAt, 1)}
              />
            )}
            <HopBox hop={hop} />
          </Fragment>
        ))}
      </ol>
      {problem !== null && (
        <p
          role="status"
          className={cn(
            "flex items-start gap-2.5 border-t px-4 py-2.5 text-sm",
            problem.state === "broken"
              ? "border-danger/25 bg-danger-soft"
              : "border-warning/25 bg-warning-soft",
          )}
        >
          <span
            className={cn("mt-0.5", problem.state === "broken" ? "text-danger" : "text-warning")}
          >
            <Icon icon={TriangleAlert} />
          </span>
          <span>
            <b className="font-medium">{KINDS[problem.kind]}:</b> {problem.problem}
          </span>
        </p>
      )}
      <DirectLine tunnel={tunnel} />
    </Card>
  );
}

function HopBox({ hop }: { readonly hop: Hop }) {
  const { word, dot, box } = STATES[hop.state];
  return (
    <li
      className={cn(
        "relative flex min-w-0 flex-1 items-center gap-2.5 rounded-lg border px-2.5 py-2",
        box,
      )}
    >
      <span className="grid size-7 shrink-0 place-items-center md:max-[1380px]:hidden rounded-[7px] bg-raised text-muted">
        <Icon icon={ICONS[hop.kind]} />
      </span>
      <div className="min-w-0">
        <div className="truncate pr-2.5 text-sm font-medium leading-[18px]" title={hop.title}>
          <span className="sr-only">{KINDS[hop.kind]}: </span>
          {hop.title}
        </div>
        <div className="truncate text-xs text-muted" title={hop.detail}>
          {hop.detail}
        </div>
      </div>
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
  readonly from: Hop | undefined;
  readonly isCut: boolean;
}

function Wire({ from, isCut }: WireProps) {
  const wire = from?.wire ?? null;
  return (
    <li
      className={cn(
        "flex items-center gap-2 pl-5 text-[11px] leading-4 text-muted md:grid md:shrink-0 md:justify-items-center md:gap-[3px] md:px-0.5 md:pl-0.5",
        wire === null ? "md:w-10" : "md:w-[68px]",
      )}
      {...(wire === null && { "aria-hidden": true })}
    >
      <span
        className="order-2 whitespace-nowrap md:order-none"
        title={from?.wireLabel ?? undefined}
      >
        {wire !== null && <span className="sr-only">{from?.wireLabel}: </span>}
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

/** The other way in, where the Gateway has an address of its own. */
function DirectLine({ tunnel }: { readonly tunnel: TunnelDto }) {
  const direct = tunnel.endpoints.find(({ kind }) => kind === "direct");
  if (direct === undefined) return null;
  const isUsed = tunnel.routingMode.effective !== "tunnel";
  return (
    <div className="flex flex-wrap items-center gap-2.5 border-t border-dashed border-line px-4 py-2.5 text-sm text-muted">
      <Chip icon={MODES.direct.icon}>Direct</Chip>
      <span className="mono">{direct.address}</span>
      <CopyButton text={direct.address} what="direct address" />
      <span
        aria-hidden="true"
        className="min-w-6 flex-1 border-t-2 border-dashed border-line-strong"
      />
      {direct.verifiedAt === null ? (
        <Status tone="off">not verified</Status>
      ) : (
        <Status tone="success">
          answered <RelativeTime at={direct.verifiedAt} />
        </Status>
      )}
      {!isUsed && <span>· not used {tunnel.routingMode.forced ? "while forced" : "now"}</span>}
    </div>
  );
}
