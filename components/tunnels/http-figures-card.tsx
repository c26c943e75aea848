"use client";

import { useOpenedRate } from "#components/charts/use-opened-rate.ts";
import { formatCount, formatLatency, formatThreeDigits, plural } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { STATUS_CLASSES, type StatusClass } from "#components/requests/request-words.ts";
import { Card } from "#components/ui/card.tsx";
import { Figure, FigureGroup, FigureRow } from "#components/ui/figures.tsx";
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
      <FigureRow>
        <RequestRate tunnel={tunnel} />
        <FirstByte latency={http.latencyMs} />
        {hasWebSockets && <WebSockets http={http} />}
      </FigureRow>
      <Answers classes={http.statusClasses} />
    </Card>
  );
}

function RequestRate({ tunnel }: { readonly tunnel: TunnelDto }) {
  const scope = `tunnel:${tunnel.id}` as const;
  const open = useLatestMetric(scope)?.connectionsOpen ?? tunnel.connections.open;
  const rate = useOpenedRate(scope) ?? 0;
  return (
    <FigureGroup title="Requests">
      <Figure name="a second" value={formatThreeDigits(rate)} />
      <Figure name="in flight" value={formatCount(open)} />
    </FigureGroup>
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
    <FigureGroup title="Time to first byte, last 5 min">
      {(["p50", "p90", "p99"] as const).map((name) => (
        <Figure
          key={name}
          name={name}
          value={latency === null ? "–" : formatLatency(latency[name])}
        />
      ))}
    </FigureGroup>
  );
}

function WebSockets({ http }: { readonly http: TunnelHttpDto }) {
  const { webSocketsOpen, messages } = http;
  return (
    <FigureGroup title="WebSockets">
      <Figure name="open" value={formatCount(webSocketsOpen)} />
      <Figure name="messages in" value={formatCount(messages.in)} />
      <Figure name="messages out" value={formatCount(messages.out)} />
    </FigureGroup>
  );
}
