import type uPlot from "uplot";
import { formatLatency } from "#components/lib/format.ts";
import { formatTick, formatTimeTick, timeTicks, type MirrorScale } from "./chart-scale.ts";
import { withAlpha, type PlotColors } from "./plot-colors.ts";

/** `mirror`: in above the axis, out below · `count`: steps from zero · `dots`: single measurements. */
export type PlotKind = "mirror" | "count" | "dots";

/** What changes from second to second; read at each drawing. */
export interface PlotView {
  readonly fromMs: number;
  readonly toMs: number;
  readonly scale: MirrorScale;
}

interface PlotOptionsInput {
  readonly kind: PlotKind;
  readonly width: number;
  readonly height: number;
  readonly view: () => PlotView;
  readonly colors: () => PlotColors;
  readonly onCursor: (plot: uPlot) => void;
  readonly steppedPaths: uPlot.Series.PathBuilder | undefined;
}

const TICK_WORDS: Record<PlotKind, (value: number) => string> = {
  mirror: formatTick,
  count: (value) => value.toString(),
  dots: (value) => (value === 0 ? "0" : formatLatency(value).replace(".0 ", " ")),
};

const SECOND_MS = 1_000;
const LABEL_WIDTH = 44;
const LABEL_HEIGHT = 26;
const LABEL_HALF = 12;
const TIME_LABEL_SPACE = 96;

export function plotOptions(input: PlotOptionsInput): uPlot.Options {
  const { kind, width, height, view, colors, onCursor } = input;
  return {
    width,
    height,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { show: kind !== "dots", size: 7, width: 2 },
    },
    scales: {
      x: {
        time: false,
        range: () => [view().fromMs / SECOND_MS, view().toMs / SECOND_MS],
      },
      y: { range: () => [view().scale.min, view().scale.max] },
    },
    axes: [timeAxis(view, colors), valueAxis(kind, view, colors)],
    series: [{}, ...seriesOf(input)],
    hooks: { drawAxes: [(plot) => drawZero(plot, colors())], setCursor: [onCursor] },
  };
}

function timeAxis(view: () => PlotView, colors: () => PlotColors): uPlot.Axis {
  return {
    stroke: () => colors().faint,
    font: colors().font,
    size: LABEL_HEIGHT,
    gap: 8,
    grid: { show: false },
    ticks: { show: false },
    splits: (plot) => {
      const { fromMs, toMs } = view();
      const count = Math.max(2, Math.floor(plot.bbox.width / devicePixelRatio / TIME_LABEL_SPACE));
      // A label over the right end would be cut off.
      const edgeMs = toMs - ((toMs - fromMs) * LABEL_HALF) / (plot.bbox.width / devicePixelRatio);
      return timeTicks(fromMs, edgeMs, count).map((at) => at / SECOND_MS);
    },
    values: (_plot, splits) => {
      const { fromMs, toMs } = view();
      return splits.map((seconds) => formatTimeTick(seconds * SECOND_MS, toMs - fromMs));
    },
  };
}

function valueAxis(kind: PlotKind, view: () => PlotView, colors: () => PlotColors): uPlot.Axis {
  return {
    stroke: () => colors().faint,
    font: colors().font,
    size: LABEL_WIDTH,
    gap: 8,
    grid: { stroke: () => colors().line, width: 1, dash: [2, 4] },
    ticks: { show: false },
    splits: () => [...view().scale.ticks],
    values: (_plot, splits) => splits.map((value) => TICK_WORDS[kind](value)),
  };
}

function seriesOf(input: PlotOptionsInput): uPlot.Series[] {
  const { kind, colors, steppedPaths } = input;
  const area = (name: "in" | "out" | "accent"): uPlot.Series => ({
    stroke: () => colors()[name],
    fill: () => withAlpha(colors()[name], 13),
    fillTo: 0,
    width: 1.5,
    points: { show: false },
  });
  if (kind === "mirror") return [area("in"), area("out")];
  if (kind === "count") {
    return [{ ...area("accent"), ...(steppedPaths ? { paths: steppedPaths } : {}) }];
  }
  return [
    {
      stroke: () => colors().accent,
      paths: () => null,
      points: { show: true, size: 5, fill: () => colors().accent, width: 0 },
    },
  ];
}

/** The axis between the directions is solid, the other lines are dashed. */
function drawZero(plot: uPlot, colors: PlotColors): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(0, "y", true)) + 0.5;
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = colors.lineStrong;
  ctx.lineWidth = Math.max(1, Math.round(devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
