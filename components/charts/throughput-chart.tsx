"use client";

import { useMemo } from "react";
import {
  formatClock,
  formatClockSeconds,
  formatMoment,
  formatRate,
} from "#components/lib/format.ts";
import { useLiveStatus } from "#components/lib/live-status.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { useSearchParam } from "#components/lib/use-search-param.ts";
import { Segmented } from "#components/ui/segmented.tsx";
import { Status } from "#components/ui/status.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { CHART_RANGE_NAMES, CHART_RANGES, type ChartRangeName } from "./chart-ranges.ts";
import { mirrorScale } from "./chart-scale.ts";
import { Plot } from "./plot.tsx";
import { summarise, toTableRows, type RatePoint } from "./rate-points.ts";
import type { SeriesScope } from "./series-queries.ts";
import { useRatePoints, type RateView } from "./use-rate-points.ts";

const HEIGHT = 236;
const BITS = 8;
const TABLE_ROWS = 15;

export function useChartRange(): [ChartRangeName, (range: ChartRangeName) => void] {
  return useSearchParam<ChartRangeName>("range", "15m", CHART_RANGE_NAMES);
}

interface ThroughputChartProps {
  readonly scope: SeriesScope;
}

/** What flows through a tunnel, a cluster or the fleet: in above the axis, out below it. */
export function ThroughputChart({ scope }: ThroughputChartProps) {
  const [range, setRange] = useChartRange();
  const view = useRatePoints(scope, range);
  return (
    <ChartFrame
      title="Throughput"
      legend={<Legend scope={scope} last={view.points.at(-1) ?? null} />}
      actions={
        <Segmented
          label="Range of time"
          size="sm"
          value={range}
          options={CHART_RANGE_NAMES.map((name) => ({
            value: name,
            label: CHART_RANGES[name].label,
          }))}
          onChange={setRange}
        />
      }
      query={view.query}
      height={HEIGHT}
      chart={() => <MirrorPlot view={view} rangeName={range} />}
      table={() => <RateTable view={view} />}
    />
  );
}

interface LegendProps {
  readonly scope: SeriesScope;
  readonly last: RatePoint | null;
}

function Legend({ scope, last }: LegendProps) {
  const metric = useLatestMetric(scope);
  const { state } = useLiveStatus();
  const isKnown = state !== "stale";
  const show = (rate: number | null | undefined): string =>
    isKnown && rate != null ? formatRate(rate) : "–";
  return (
    <span className="flex gap-3 text-xs">
      <Status tone="in" isMuted>
        In {show(metric?.bytesInPerSecond ?? last?.in)}
      </Status>
      <Status tone="out" isMuted>
        Out {show(metric?.bytesOutPerSecond ?? last?.out)}
      </Status>
    </span>
  );
}

interface MirrorPlotProps {
  readonly view: RateView;
  readonly rangeName: ChartRangeName;
}

function MirrorPlot({ view, rangeName }: MirrorPlotProps) {
  const { points, fromMs, toMs } = view;
  const summary = useMemo(() => summarise(points), [points]);
  const data = useMemo(
    (): [number[], (number | null)[], (number | null)[]] => [
      [fromMs, ...points.map((point) => point.at), toMs].map((at) => at / 1_000),
      [null, ...points.map((point) => (point.in === null ? null : point.in * BITS)), null],
      [null, ...points.map((point) => (point.out === null ? null : -point.out * BITS)), null],
    ],
    [points, fromMs, toMs],
  );
  const scale = useMemo(
    () => mirrorScale(summary.maxIn * BITS, summary.maxOut * BITS),
    [summary.maxIn, summary.maxOut],
  );
  const plotView = useMemo(() => ({ fromMs, toMs, scale }), [fromMs, toMs, scale]);
  return (
    <Plot
      kind="mirror"
      data={data}
      view={plotView}
      height={HEIGHT}
      summary={describe(summary, rangeName)}
      tooltip={(index) => <PointNote point={points[index - 1]} isFine={rangeName === "15m"} />}
    />
  );
}

function describe(summary: ReturnType<typeof summarise>, rangeName: ChartRangeName): string {
  const say = (rate: number | null): string => {
    if (rate === null) return "not known";
    return rate < 0.0625 ? "nothing" : formatRate(rate);
  };
  return (
    `Throughput of the last ${CHART_RANGES[rangeName].words}. ` +
    `In: ${say(summary.lastIn)} now, at most ${say(summary.maxIn)}. ` +
    `Out: ${say(summary.lastOut)} now, at most ${say(summary.maxOut)}.`
  );
}

interface PointNoteProps {
  readonly point: RatePoint | undefined;
  readonly isFine: boolean;
}

function PointNote({ point, isFine }: PointNoteProps) {
  if (point === undefined) return <span className="text-muted">Not measured</span>;
  const time = isFine ? formatClockSeconds(point.at) : formatMoment(point.at, Date.now());
  if (point.in === null) return <span className="text-muted">{time} · not measured</span>;
  return (
    <div className="flex flex-col gap-0.5">
      <span className="text-muted">{time}</span>
      <Status tone="in">In {formatRate(point.in)}</Status>
      <Status tone="out">Out {formatRate(point.out ?? 0)}</Status>
    </div>
  );
}

function RateTable({ view }: { readonly view: RateView }) {
  const { points, fromMs, toMs } = view;
  const isLong = toMs - fromMs > 12 * 3_600_000;
  const time = (at: number): string => (isLong ? formatMoment(at, toMs) : formatClock(at));
  const show = (rate: number | null): string => (rate === null ? "not measured" : formatRate(rate));
  return (
    <div className="max-h-64 overflow-y-auto">
      <Table caption="Throughput, averages">
        <TableHead>
          <Th>Time</Th>
          <Th isNumber>In</Th>
          <Th isNumber>Out</Th>
          <Th isNumber>Open connections</Th>
        </TableHead>
        <TableBody>
          {toTableRows(points, fromMs, toMs, TABLE_ROWS).map((row) => (
            <TableRow key={row.fromMs}>
              <Td className="text-muted">
                {time(row.fromMs)} – {time(row.toMs)}
              </Td>
              <Td isNumber>{show(row.in)}</Td>
              <Td isNumber>{show(row.out)}</Td>
              <Td isNumber>{row.open ?? "–"}</Td>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
