"use client";

import { useMemo } from "react";
import { formatClock, formatMoment } from "#components/lib/format.ts";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { CHART_RANGES } from "./chart-ranges.ts";
import { countScale } from "./chart-scale.ts";
import { Plot } from "./plot.tsx";
import { summarise, toTableRows } from "./rate-points.ts";
import { useChartRange } from "./throughput-chart.tsx";
import type { RateView } from "./use-rate-points.ts";

const HEIGHT = 132;
const TABLE_ROWS = 10;

interface CountChartProps {
  readonly title: string;
  readonly view: RateView;
  /** Which of a point's figures. */
  readonly figure: "open" | "opened";
  /** Null while it is not known. */
  readonly now: number | null;
  /** The number alone. */
  readonly format: (value: number) => string;
  /** The number with what it counts: "3 connections". */
  readonly say: (value: number) => string;
}

/** How many, over the range that the throughput chart shows. */
export function CountChart({ title, view, figure, now, format, say }: CountChartProps) {
  const [range] = useChartRange();
  const { points, fromMs, toMs } = view;
  const summary = useMemo(() => summarise(points), [points]);
  const max = figure === "open" ? summary.maxOpen : summary.maxOpened;
  const data = useMemo(
    (): [number[], (number | null)[]] => [
      [fromMs, ...points.map((point) => point.at), toMs].map((at) => at / 1_000),
      [null, ...points.map((point) => point[figure]), null],
    ],
    [points, figure, fromMs, toMs],
  );
  const scale = useMemo(() => countScale(max), [max]);
  const plotView = useMemo(() => ({ fromMs, toMs, scale }), [fromMs, toMs, scale]);
  return (
    <ChartFrame
      title={title}
      legend={
        <span className="text-xs text-muted">{now === null ? "" : `${format(now)} now`}</span>
      }
      query={view.query}
      height={HEIGHT}
      chart={() => (
        <Plot
          kind="count"
          data={data}
          view={plotView}
          height={HEIGHT}
          summary={`${title} of the last ${CHART_RANGES[range].words}: ${now === null ? "not known" : format(now)} now, at most ${format(max)}.`}
          tooltip={(index) => {
            const point = points[index - 1];
            const value = point?.[figure];
            if (point === undefined || value == null) {
              return <span className="text-muted">Not measured</span>;
            }
            return (
              <>
                <span className="text-muted">{formatMoment(point.at, toMs)}</span> · {say(value)}
              </>
            );
          }}
        />
      )}
      table={() => <CountTable title={title} view={view} figure={figure} format={format} />}
    />
  );
}

type CountTableProps = Pick<CountChartProps, "title" | "view" | "figure" | "format">;

function CountTable({ title, view, figure, format }: CountTableProps) {
  const { points, fromMs, toMs } = view;
  return (
    <div className="max-h-40 overflow-y-auto">
      <Table caption={title}>
        <TableHead>
          <Th>Until</Th>
          <Th isNumber>{title}</Th>
        </TableHead>
        <TableBody>
          {toTableRows(points, fromMs, toMs, TABLE_ROWS).map((row) => {
            const value = row[figure];
            return (
              <TableRow key={row.fromMs}>
                <Td className="text-muted">{formatClock(row.toMs)}</Td>
                <Td isNumber>{value === null ? "not measured" : format(value)}</Td>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </div>
  );
}
