"use client";

import { useMemo } from "react";
import { formatClock, formatMoment, plural } from "#components/lib/format.ts";
import { useLatestMetric } from "#components/lib/metric-store.ts";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { CHART_RANGES } from "./chart-ranges.ts";
import { countScale } from "./chart-scale.ts";
import { Plot } from "./plot.tsx";
import { summarise, toTableRows } from "./rate-points.ts";
import type { SeriesScope } from "./series-queries.ts";
import { useChartRange } from "./throughput-chart.tsx";
import { useRatePoints, type RateView } from "./use-rate-points.ts";

const HEIGHT = 132;
const TABLE_ROWS = 10;

/** How many connections were open, over the range the throughput chart shows. */
export function ConnectionsChart({ scope }: { readonly scope: SeriesScope }) {
  const [range] = useChartRange();
  const view = useRatePoints(scope, range);
  const metric = useLatestMetric(scope);
  const { points, fromMs, toMs } = view;
  const open = metric?.connectionsOpen ?? points.at(-1)?.open ?? null;
  const summary = useMemo(() => summarise(points), [points]);
  const data = useMemo(
    (): [number[], (number | null)[]] => [
      [fromMs, ...points.map((point) => point.at), toMs].map((at) => at / 1_000),
      [null, ...points.map((point) => point.open), null],
    ],
    [points, fromMs, toMs],
  );
  const scale = useMemo(() => countScale(summary.maxOpen), [summary.maxOpen]);
  const plotView = useMemo(() => ({ fromMs, toMs, scale }), [fromMs, toMs, scale]);
  return (
    <ChartFrame
      title="Open connections"
      legend={<span className="text-xs text-muted">{open === null ? "" : `${open} now`}</span>}
      query={view.query}
      height={HEIGHT}
      chart={() => (
        <Plot
          kind="count"
          data={data}
          view={plotView}
          height={HEIGHT}
          summary={`Open connections of the last ${CHART_RANGES[range].words}: ${open ?? "not known"} now, at most ${summary.maxOpen}.`}
          tooltip={(index) => {
            const point = points[index - 1];
            if (point?.open == null) return <span className="text-muted">Not measured</span>;
            return (
              <>
                <span className="text-muted">{formatMoment(point.at, toMs)}</span> ·{" "}
                {plural(point.open, "connection")}
              </>
            );
          }}
        />
      )}
      table={() => <OpenTable view={view} />}
    />
  );
}

function OpenTable({ view }: { readonly view: RateView }) {
  const { points, fromMs, toMs } = view;
  return (
    <div className="max-h-40 overflow-y-auto">
      <Table caption="Open connections">
        <TableHead>
          <Th>Until</Th>
          <Th isNumber>Open</Th>
        </TableHead>
        <TableBody>
          {toTableRows(points, fromMs, toMs, TABLE_ROWS).map((row) => (
            <TableRow key={row.fromMs}>
              <Td className="text-muted">{formatClock(row.toMs)}</Td>
              <Td isNumber>{row.open ?? "not measured"}</Td>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
