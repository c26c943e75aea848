"use client";

import type { ReactNode } from "react";
import { useOpenedRate } from "#components/charts/use-opened-rate.ts";
import { formatCount, formatLatency, formatThreeDigits, plural } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { STATUS_CLASSES, type StatusClass } from "#components/requests/request-words.ts";
import { Card } from "#components/ui/card.tsx";
import { ShareBar } from "#components/ui/share-bar.tsx";
import { Dot } from "#components/ui/status.tsx";
import type { TunnelDto, TunnelHttpDto } from "#protocol/api/tunnels.ts";

interface HttpFiguresCardProps {
  readonly tunnel: TunnelDto;
  readonly http: TunnelHttpDto;
}

/** How an HTTP tunnel does, in HTTP's own terms. */
export function HttpFiguresCard({ tunnel, http }: HttpFiguresCardProps) {
  const hasWebSockets = http.webSocketsOpen + http.messages.in + http.messages.out > 0;
  return (
    <Card label="Figures">
      <div className="flex flex-col divide-y divide-line sm:flex-row sm:divide-x sm:divide-y-0">
        <RequestRate tunnel={tunnel} />
        <FirstByte latency={http.latencyMs} />
        {hasWebSockets && <WebSockets http={http} />}
      </div>
      <Answers classes={http.statusClasses} />
    </Card>
  );
}

function RequestRate({ tunnel }: { readonly tunnel: TunnelDto }) {
  const scope = `tunnel:${tunnel.id}` as const;
  const open = useLatestMetric(scope)?.connectionsOpen ?? tunnel.connections.open;
  const rate = useOpenedRate(scope) ?? 0;
  return (
    <Group title="Requests">
      <Figure name="a second" value={formatThreeDigits(rate)} />
      <Figure name="in flight" value={formatCount(open)} />
    </Group>
  );
}

function Answers({ classes }: { readonly classes: TunnelHttpDto["statusClasses"] }) {
  const names = (Object.keys(STATUS_CLASSES) as StatusClass[]).filter(
    // Upgrades stand here only where there are any: few services have them.
    (name) => name !== "1xx" || classes[name] > 0,
  );
  const total = Object.values(classes).reduce((sum, count) => sum + count, 0);
  return (
    <section className="border-t border-line px-4 pb-3 pt-3.5">
      <h2 className="sr-only">Answers by class of status</h2>
      <ShareBar
        isWide
        label="Answers by class of status"
        shares={names.map((name) => ({
          tone: STATUS_CLASSES[name].tone,
          count: classes[name],
          word: `${name} ${STATUS_CLASSES[name].word}`,
        }))}
      />
      <div className="mt-2.5 flex flex-wrap justify-between gap-x-6 gap-y-1 text-sm">
        <ul className="flex flex-wrap gap-x-5 gap-y-1">
          {names.map((name) => (
            <li key={name} className="flex items-center gap-1.5 whitespace-nowrap text-muted">
              <Dot tone={STATUS_CLASSES[name].tone} />
              {name} {STATUS_CLASSES[name].word}{" "}
              <b className={classes[name] === 0 ? "font-normal text-faint" : "font-medium text-fg"}>
                {formatCount(classes[name])}
              </b>
            </li>
          ))}
        </ul>
        <p className="text-xs leading-5 text-muted">
          {plural(total, "answer")} since the relay was started
        </p>
      </div>
    </section>
  );
}

function FirstByte({ latency }: { readonly latency: TunnelHttpDto["latencyMs"] }) {
  return (
    <Group title="Time to first byte, last 5 min">
      {latency === null ? (
        <p className="text-sm text-muted">Nobody asked in this time.</p>
      ) : (
        (["p50", "p90", "p99"] as const).map((name) => (
          <Figure key={name} name={name} value={formatLatency(latency[name])} />
        ))
      )}
    </Group>
  );
}

function WebSockets({ http }: { readonly http: TunnelHttpDto }) {
  const { webSocketsOpen, messages } = http;
  return (
    <Group title="WebSockets">
      <Figure name="open" value={formatCount(webSocketsOpen)} />
      <Figure name="messages in" value={formatCount(messages.in)} />
      <Figure name="messages out" value={formatCount(messages.out)} />
    </Group>
  );
}

interface GroupProps {
  readonly title: string;
  readonly children: ReactNode;
}

function Group({ title, children }: GroupProps) {
  return (
    <section className="min-w-0 flex-1 px-4 py-3.5">
      <h2 className="text-xs font-normal text-muted">{title}</h2>
      <div className="mt-2 flex flex-wrap gap-x-7 gap-y-2">{children}</div>
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
}

function Figure({ name, value }: FigureProps) {
  return (
    <p className="whitespace-nowrap">
      <span className="text-lg font-[560] tracking-[-0.02em]">{value}</span>{" "}
      <span className="block text-xs text-muted">{name}</span>
    </p>
  );
}
