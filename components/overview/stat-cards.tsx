"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { seriesQuery } from "#components/charts/series-queries.ts";
import { Sparkline } from "#components/charts/sparkline.tsx";
import { fleetTotals } from "#components/clusters/cluster-reducer.ts";
import { formatCount, plural, rateInUnit, rateQuantity } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { Card } from "#components/ui/card.tsx";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import { hourTrend, type HourTrend } from "./hour-trend.ts";
import { ShareBar, type Share } from "#components/ui/share-bar.tsx";

interface StatCardsProps {
  readonly clusters: readonly ClusterDto[];
}

/** The fleet in four figures. */
export function StatCards({ clusters }: StatCardsProps) {
  const totals = fleetTotals(clusters);
  const inactive = totals.tunnels - totals.activeTunnels;
  return (
    <div className="grid grid-cols-2 gap-3 md:gap-4 lg:grid-cols-4">
      <Stat
        href="/clusters"
        label="Clusters connected"
        figure={<OfAll part={totals.connected} all={totals.clusters} />}
        note={plural(totals.agents, "agent")}
        picture={<ShareBar label="Clusters by status" shares={clusterShares(clusters)} />}
      />
      <Stat
        href="/tunnels"
        label="Active tunnels"
        figure={<OfAll part={totals.activeTunnels} all={totals.tunnels} />}
        note={inactive === 0 ? "All active" : `${formatCount(inactive)} not active`}
        picture={
          <ShareBar
            label="Tunnels by status"
            shares={[
              { tone: "success", count: totals.activeTunnels, word: "active" },
              { tone: "off", count: inactive, word: "not active" },
            ]}
          />
        }
      />
      <OpenStat fallback={totals.connectionsOpen} />
      <ThroughputStat />
    </div>
  );
}

function useHourTrend(): HourTrend | null {
  const { data } = useQuery(seriesQuery("fleet", "1h"));
  return data === undefined ? null : hourTrend(data);
}

function OpenStat({ fallback }: { readonly fallback: number }) {
  const trend = useHourTrend();
  const open = useLatestMetric("fleet")?.connectionsOpen ?? fallback;
  return (
    <Stat
      href="/connections"
      label="Open connections"
      figure={formatCount(open)}
      note={changeNote(open, trend?.openBefore ?? null)}
      picture={
        <Sparkline points={trend?.open ?? []} label="" tone="accent" width={84} height={28} />
      }
    />
  );
}

function ThroughputStat() {
  const trend = useHourTrend();
  const latest = useLatestMetric("fleet");
  const rateIn = latest?.bytesInPerSecond ?? trend?.lastIn ?? 0;
  const rateOut = latest?.bytesOutPerSecond ?? trend?.lastOut ?? 0;
  const total = rateQuantity(rateIn + rateOut);
  return (
    <Stat
      label="Throughput"
      figure={
        <>
          {total.value}{" "}
          <span className="text-md font-normal tracking-normal text-muted">{total.unit}</span>
        </>
      }
      note={`${rateInUnit(rateIn, total.unit)} in · ${rateInUnit(rateOut, total.unit)} out`}
      picture={<Sparkline points={trend?.rate ?? []} label="" tone="in" width={84} height={28} />}
    />
  );
}

function clusterShares(clusters: readonly ClusterDto[]): Share[] {
  const count = (status: ClusterDto["status"]): number =>
    clusters.filter((cluster) => cluster.status === status).length;
  return [
    { tone: "success", count: count("connected"), word: "connected" },
    { tone: "warning", count: count("degraded"), word: "degraded" },
    { tone: "danger", count: count("offline"), word: "offline" },
    { tone: "off", count: count("waiting"), word: "waiting" },
  ];
}

function changeNote(open: number, before: number | null): string {
  if (before === null) return "In all tunnels";
  const change = open - before;
  if (change === 0) return "As an hour ago";
  return `${change > 0 ? "+" : "−"}${formatCount(Math.abs(change))} in the last hour`;
}

function OfAll({ part, all }: { readonly part: number; readonly all: number }) {
  return (
    <>
      {formatCount(part)} <span className="font-normal text-faint">/ {formatCount(all)}</span>
    </>
  );
}

interface StatProps {
  readonly label: string;
  readonly figure: ReactNode;
  readonly note: string;
  readonly picture: ReactNode;
  readonly href?: string;
}

function Stat({ label, figure, note, picture, href }: StatProps) {
  return (
    <Card className="relative px-4 py-3.5">
      <p className="text-xs text-muted">
        {href === undefined ? (
          label
        ) : (
          <Link href={href} className="rounded-sm after:absolute after:inset-0 after:rounded-lg">
            {label}
          </Link>
        )}
      </p>
      <div className="mt-1.5 flex items-end justify-between gap-3">
        <p className="whitespace-nowrap text-xl font-[560] tracking-[-0.03em]">{figure}</p>
        <div className="hidden shrink-0 pb-0.5 sm:block">{picture}</div>
      </div>
      <p className="mt-1.5 truncate text-xs text-muted">{note}</p>
    </Card>
  );
}
