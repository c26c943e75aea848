"use client";

import { useMemo } from "react";
import { formatLatency, formatMoment, plural } from "#components/lib/format.ts";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { CHART_RANGES } from "./chart-ranges.ts";
import { latencyScale } from "./chart-scale.ts";
import { Plot } from "./plot.tsx";
import { useChartRange } from "./throughput-chart.tsx";
import { useChartClock } from "./use-chart-clock.ts";
import type { RateView } from "./use-rate-points.ts";

const HEIGHT = 132;
const TABLE_ROWS = 12;

export interface LatencyPoint {
  /** When the connection was opened, or the request made. */
  readonly at: number;
  readonly latencyMs: number;
}

interface LatencyWords {
  readonly title: string;
  /** What was measured: one of them, and several. */
  readonly one: string;
  readonly many: string;
  /** What they did: "was opened". */
  readonly done: string;
}

interface LatencyChartProps {
  readonly words: LatencyWords;
  /** Oldest first. */
  readonly points: readonly LatencyPoint[];
  readonly query: RateView["query"];
}

/** How long clients waited for the service's answer: one dot each. */
export function LatencyChart({ words, points, query }: LatencyChartProps) {
  const [rangeName] = useChartRange();
  const range = CHART_RANGES[rangeName];
  const toMs = useChartClock(range.tickMs);
  const fromMs = toMs - range.lengthMs;
  const shown = useMemo(() => points.filter(({ at }) => at > fromMs), [points, fromMs]);
  const last = shown.at(-1);
  const data = useMemo(
    (): [number[], (number | null)[]] => [
      [fromMs, ...shown.map(({ at }) => at), toMs].map((at) => at / 1_000),
      [null, ...shown.map(({ latencyMs }) => latencyMs), null],
    ],
    [shown, fromMs, toMs],
  );
  const highest = shown.reduce((max, { latencyMs }) => Math.max(max, latencyMs), 0);
  const scale = useMemo(() => latencyScale(highest), [highest]);
  const view = useMemo(() => ({ fromMs, toMs, scale }), [fromMs, toMs, scale]);
  const { title, one, many, done } = words;
  const nothing = `No ${one} ${done} in the last ${range.words}.`;
  const summary =
    last === undefined
      ? nothing
      : `${title} of ${plural(shown.length, one, many)} in the last ${range.words}: ${formatLatency(last.latencyMs)} for the newest, at most ${formatLatency(highest)}.`;
  return (
    <ChartFrame
      title={title}
      legend={
        <span className="text-xs text-muted">
          {last === undefined ? "" : `${formatLatency(last.latencyMs)} last`}
        </span>
      }
      query={query}
      height={HEIGHT}
      chart={() =>
        last === undefined ? (
          <div style={{ height: HEIGHT }} className="grid place-items-center">
            <p className="text-sm text-muted">{nothing}</p>
          </div>
        ) : (
          <Plot
            kind="dots"
            data={data}
            view={view}
            height={HEIGHT}
            summary={summary}
            tooltip={(index) => {
              const point = shown[index - 1];
              if (point === undefined) return null;
              return (
                <>
                  <span className="text-muted">{formatMoment(point.at, toMs)}</span> ·{" "}
                  {formatLatency(point.latencyMs)}
                </>
              );
            }}
          />
        )
      }
      table={() => <LatencyTable words={words} points={shown} now={toMs} />}
    />
  );
}

interface LatencyTableProps {
  readonly words: LatencyWords;
  readonly points: readonly LatencyPoint[];
  readonly now: number;
}

function LatencyTable({ words, points, now }: LatencyTableProps) {
  if (points.length === 0)
    return <EmptyState title={`No ${words.one} ${words.done} in this range`} />;
  return (
    <div className="max-h-40 overflow-y-auto">
      <Table caption={`${words.title} of the newest ${words.many}`}>
        <TableHead>
          <Th>At</Th>
          <Th isNumber>{words.title}</Th>
        </TableHead>
        <TableBody>
          {points
            .slice(-TABLE_ROWS)
            .toReversed()
            .map(({ at, latencyMs }) => (
              <TableRow key={`${at}-${latencyMs}`}>
                <Td className="text-muted">{formatMoment(at, now)}</Td>
                <Td isNumber>{formatLatency(latencyMs)}</Td>
              </TableRow>
            ))}
        </TableBody>
      </Table>
    </div>
  );
}
