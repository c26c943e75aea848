"use client";

import { useQuery } from "@tanstack/react-query";
import { Info, Lock, Route, Undo2 } from "lucide-react";
import { useRef, useState } from "react";
import { cn } from "#components/lib/cn.ts";
import { useCanOperate } from "#components/lib/me.tsx";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { useNow } from "#components/lib/use-now.ts";
import { Button } from "#components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { QueryView } from "#components/ui/query-view.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Switch } from "#components/ui/switch.tsx";
import type { ExplainDto, RoutingMode } from "#protocol/api/routing.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { explainWords } from "./explain-words.ts";
import { modeEffects } from "./mode-effects.ts";
import { ModeChip } from "./mode-chip.tsx";
import { RulesDialog } from "./rules-dialog.tsx";
import { tunnelQueries } from "./tunnel-queries.ts";
import { MODES } from "./tunnel-words.ts";
import { useChangeTunnels } from "./use-tunnel-actions.ts";

const CHOICES: readonly RoutingMode[] = ["tunnel", "direct", "dual"];
const MINUTE_MS = 60_000;

/** Which way the traffic goes, why, and the controls that change it. */
export function RoutingCard({ tunnel }: { readonly tunnel: TunnelDto }) {
  const query = useQuery(tunnelQueries.explain(tunnel.id));
  const change = useChangeTunnels();
  const following = useChangeTunnels();
  const isPending = change.isPending || following.isPending;
  const canOperate = useCanOperate();
  const modes = useRef<HTMLDivElement>(null);
  const choose = (routingMode: RoutingMode): void =>
    change.mutate({ tunnels: [tunnel], body: { routingMode } });
  return (
    <Card>
      <CardHeader title="Routing" actions={<ModeChip tunnel={tunnel} />} />
      <CardBody className="flex flex-col gap-4">
        <div ref={modes} className="flex flex-col gap-2">
          <Segmented<RoutingMode | "rules">
            label="Routing mode"
            isWide
            value={tunnel.chosenMode ?? "rules"}
            options={CHOICES.map((mode) => ({
              value: mode,
              label: MODES[mode].label,
              icon: MODES[mode].icon,
              isDisabled: !canOperate,
            }))}
            isBusy={isPending}
            onChange={(mode) => mode !== "rules" && choose(mode)}
          />
          {tunnel.chosenMode === null ? (
            <p className="flex items-center gap-1.5 text-xs text-muted">
              <Icon icon={Route} size={14} />
              Nothing is chosen here: it follows the rules.
            </p>
          ) : (
            <Button
              variant="ghost"
              size="sm"
              className="self-start"
              disabled={!canOperate}
              isBusy={following.isPending}
              isInert={change.isPending}
              onClick={() => {
                // This button goes away with the choice, and must not take the focus along.
                modes.current?.querySelector<HTMLInputElement>("input:checked")?.focus();
                following.mutate({ tunnels: [tunnel], body: { routingMode: null } });
              }}
            >
              <Icon icon={Undo2} size={14} />
              Follow the rules instead
            </Button>
          )}
        </div>
        {canOperate && <Effects tunnel={tunnel} />}
        <Switch
          label="Force through tunnel"
          hint="Overrides the choice above. What is open stays open."
          tone="warning"
          isOn={tunnel.forceTunnel}
          isDisabled={!canOperate}
          isBusy={isPending}
          onChange={(forceTunnel) => change.mutate({ tunnels: [tunnel], body: { forceTunnel } })}
        />
        <QueryView
          query={query}
          failure="The reason could not be loaded"
          skeleton={<Skeleton className="h-16 w-full rounded-md" />}
        >
          {(explain) => <Why explain={explain} tunnel={tunnel} />}
        </QueryView>
      </CardBody>
    </Card>
  );
}

/** What each of the other modes would do, in numbers, before it is chosen. */
function Effects({ tunnel }: { readonly tunnel: TunnelDto }) {
  const metric = useLatestMetric(`tunnel:${tunnel.id}`);
  const effects = modeEffects(tunnel, metric?.connectionsOpen ?? tunnel.connections.open);
  return (
    <ul aria-label="What the other modes would do" className="flex flex-col gap-1.5">
      {effects.map(({ modes, words }) => (
        <li key={modes[0]} className="flex gap-1.5 text-xs text-muted">
          <span className="pt-px">
            <Icon icon={MODES[modes[0]].icon} size={14} />
          </span>
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <b className="font-medium text-fg">
              {modes.map((mode) => MODES[mode].label).join(" and ")}:
            </b>{" "}
            {words}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface WhyProps {
  readonly explain: ExplainDto;
  readonly tunnel: TunnelDto;
}

function Why({ explain, tunnel }: WhyProps) {
  const [isOpen, setOpen] = useState(false);
  const now = useNow(MINUTE_MS);
  const words = explainWords(explain, tunnel, now);
  return (
    <div
      className={cn(
        "flex gap-2.5 rounded-md px-3 py-2.5 text-sm leading-[19px]",
        words.isForced ? "bg-warning-soft" : "bg-raised",
      )}
    >
      <span className={cn("mt-0.5", words.isForced ? "text-warning" : "text-muted")}>
        <Icon icon={words.isForced ? Lock : Info} />
      </span>
      <p className="min-w-0 break-words">
        <b className="font-[560]">{words.headline}</b>
        {words.setBy !== null && ` ${words.setBy}`}
        {words.carried !== null && ` ${words.carried}`}
        {words.without !== null && (
          <>
            {" Without it: "}
            <b className="font-[560]">{words.without.mode}</b>, {words.without.why}.
          </>
        )}{" "}
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="rounded-sm underline underline-offset-[3px]"
        >
          All nine rules
        </button>
      </p>
      <RulesDialog explain={explain} isOpen={isOpen} onOpenChange={setOpen} />
    </div>
  );
}
