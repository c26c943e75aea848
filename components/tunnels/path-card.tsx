"use client";

import { CircleCheck, CircleDashed, TriangleAlert } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { cn } from "#components/lib/cn.ts";
import { Card } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import type { Hop } from "./path-facts.ts";
import { HopBox, KINDS, Wire } from "./path-hop.tsx";
import { findProblem } from "./tunnel-path.ts";
import { degradedReason } from "./tunnel-trouble.ts";
import { waysSummary, type DirectWay, type Way, type Ways } from "./tunnel-ways.ts";
import { MODES } from "./tunnel-words.ts";

interface PathCardProps {
  readonly tunnel: TunnelDto;
  /** Through the relay. */
  readonly hops: readonly Hop[];
  readonly ways: Ways;
}

/** Every way from the client to the service: which is in force, and where one is broken. */
export function PathCard({ tunnel, hops, ways }: PathCardProps) {
  const { relay, direct } = ways;
  if (direct === null) {
    return (
      <Card label="Path">
        <RelayHops hops={hops} isInForce={relay.isInForce} />
        <Problem hop={findProblem(hops)} tunnel={tunnel} />
      </Card>
    );
  }
  return (
    <Card label="Path">
      <p className="sr-only">{waysSummary(ways, tunnel)}</p>
      <Lane mode="tunnel" title="Through the relay" way={relay}>
        <RelayHops hops={hops} isInForce={relay.isInForce} />
      </Lane>
      <Problem hop={findProblem(hops)} tunnel={tunnel} />
      <div className="border-t border-line">
        <Lane mode="direct" title="Directly" way={direct}>
          <DirectHops way={direct} />
        </Lane>
      </div>
    </Card>
  );
}

interface LaneProps {
  readonly mode: "tunnel" | "direct";
  readonly title: string;
  readonly way: Way;
  readonly children: ReactNode;
}

/** One way with its name, whether it is in force, and why. */
function Lane({ mode, title, way, children }: LaneProps) {
  const { isInForce, note } = way;
  return (
    <section aria-label={`${title}, ${isInForce ? "in force" : "not in force"}`}>
      <header className="flex flex-wrap items-center gap-x-2.5 gap-y-1 px-4 pt-3.5">
        <h2
          className={cn("flex items-center gap-2 text-sm font-medium", !isInForce && "text-muted")}
        >
          <Icon icon={MODES[mode].icon} />
          {title}
        </h2>
        {isInForce ? (
          <Chip tone="success" icon={CircleCheck}>
            In force
          </Chip>
        ) : (
          <Chip icon={CircleDashed}>Not in force</Chip>
        )}
        {note !== null && (
          <p className="min-w-0 text-sm text-muted max-md:w-full" suppressHydrationWarning>
            {note}
          </p>
        )}
      </header>
      {children}
    </section>
  );
}

interface RelayHopsProps {
  readonly hops: readonly Hop[];
  readonly isInForce: boolean;
}

function RelayHops({ hops, isInForce }: RelayHopsProps) {
  const brokenAt = hops.findIndex(({ state }) => state === "broken");
  return (
    <ol className="flex flex-col gap-2 p-4 md:flex-row md:items-center md:gap-0">
      {hops.map((hop, index) => (
        <Fragment key={hop.kind}>
          {index > 0 && (
            <Wire
              wire={hops[index - 1]?.wire ?? null}
              label={hops[index - 1]?.wireLabel ?? null}
              isCut={!isInForce || (brokenAt >= 0 && index >= Math.max(brokenAt, 1))}
            />
          )}
          <HopBox hop={hop} isInForce={isInForce} />
        </Fragment>
      ))}
    </ol>
  );
}

/** From the client to the Gateway's own address, past everything of ours. */
function DirectHops({ way }: { readonly way: DirectWay }) {
  const { isInForce, address, gateway, state, wire } = way;
  const end = { wire: null, wireLabel: null, problem: null } as const;
  return (
    <ol className="flex flex-col gap-2 p-4 md:flex-row md:items-center md:gap-0">
      <HopBox
        isCompact
        isInForce={isInForce}
        hop={{
          kind: "client",
          title: "Clients",
          detail: "do not pass the relay",
          state: "idle",
          ...end,
        }}
      />
      <Wire isLong wire={wire} label="Connect time, as the relay measures it" isCut={!isInForce} />
      <HopBox
        isCompact
        isInForce={isInForce}
        hop={{
          kind: "gateway",
          title: address ?? "No address",
          detail: gateway,
          state,
          ...end,
        }}
      >
        {address !== null && (
          <span className="mr-2 max-md:ml-auto">
            <CopyButton text={address} what="direct address" />
          </span>
        )}
      </HopBox>
    </ol>
  );
}

interface ProblemProps {
  readonly hop: Hop | null;
  readonly tunnel: TunnelDto;
}

/** Where it is broken, and what that means. A degraded tunnel has its reason also where no hop shows it. */
function Problem({ hop, tunnel }: ProblemProps) {
  const words = hop === null ? degradedReason(tunnel) : hop.problem;
  if (words === null) return null;
  const isBroken = hop?.state === "broken";
  return (
    <p
      role="status"
      className={cn(
        "flex items-start gap-2.5 border-t px-4 py-2.5 text-sm",
        isBroken ? "border-danger/25 bg-danger-soft" : "border-warning/25 bg-warning-soft",
      )}
    >
      <span className={cn("mt-0.5", isBroken ? "text-danger" : "text-warning")}>
        <Icon icon={TriangleAlert} />
      </span>
      <span>
        {hop !== null && <b className="font-medium">{KINDS[hop.kind]}: </b>}
        {words}
      </span>
    </p>
  );
}
