"use client";

import { useQuery } from "@tanstack/react-query";
import { useOpenedRate } from "#components/charts/use-opened-rate.ts";
import { formatCount, formatThreeDigits } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { Card } from "#components/ui/card.tsx";
import { Figure, FigureGroup, FigureRow } from "#components/ui/figures.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { tunnelQueries } from "./tunnel-queries.ts";
import { useRates } from "./use-rates.ts";

/** Changes of a tunnel are told at once; its figures grow without being one. */
const REFETCH_MS = 2_000;

interface DatagramsCardProps {
  readonly tunnel: TunnelDto;
  readonly datagrams: NonNullable<TunnelDto["datagrams"]>;
}

/** How a UDP tunnel does, datagram by datagram. */
export function DatagramsCard({ tunnel, datagrams }: DatagramsCardProps) {
  const { dataUpdatedAt } = useQuery({
    ...tunnelQueries.detail(tunnel.id),
    refetchInterval: REFETCH_MS,
  });
  const rates = useRates({ at: dataUpdatedAt, counts: datagrams });
  const perSecond = (name: keyof typeof datagrams): string =>
    rates === null ? "–" : formatThreeDigits(rates[name]);
  return (
    <Card label="Figures">
      <FigureRow>
        <Associations tunnel={tunnel} />
        <FigureGroup title="Datagrams in">
          <Figure name="a second" value={perSecond("in")} />
          <Figure name="in all" value={formatCount(datagrams.in)} />
        </FigureGroup>
        <FigureGroup title="Datagrams out">
          <Figure name="a second" value={perSecond("out")} />
          <Figure name="in all" value={formatCount(datagrams.out)} />
        </FigureGroup>
        <FigureGroup title="Dropped">
          <Figure
            name="a second"
            value={perSecond("dropped")}
            isBad={rates !== null && rates.dropped > 0}
          />
          <Figure name="in all" value={formatCount(datagrams.dropped)} />
        </FigureGroup>
      </FigureRow>
      <p className="border-t border-line px-4 py-2.5 text-xs text-muted">
        Since the relay was started. Dropped are those that found no room or were not allowed; what
        the network loses, nobody counts.
      </p>
    </Card>
  );
}

function Associations({ tunnel }: { readonly tunnel: TunnelDto }) {
  const scope = `tunnel:${tunnel.id}` as const;
  const open = useLatestMetric(scope)?.connectionsOpen ?? tunnel.connections.open;
  const rate = useOpenedRate(scope) ?? 0;
  return (
    <FigureGroup title="Associations">
      <Figure name="open" value={formatCount(open)} />
      <Figure name="opened a second" value={formatThreeDigits(rate)} />
    </FigureGroup>
  );
}
