"use client";

import "uplot/dist/uPlot.min.css";
import type uPlot from "uplot";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { observeTheme, readPlotColors } from "./plot-colors.ts";
import { plotOptions, type PlotKind, type PlotView } from "./plot-options.ts";

interface PlotProps {
  readonly kind: PlotKind;
  /** Seconds since the epoch, then one row per series; null is a gap. */
  readonly data: uPlot.AlignedData;
  readonly view: PlotView;
  readonly height: number;
  /** The facts in a sentence: what a person who cannot see the picture gets. */
  readonly summary: string;
  /** What stands at the pointer, by index into the data. */
  readonly tooltip: (index: number) => ReactNode;
}

interface Hover {
  readonly index: number;
  readonly left: number;
}

const LABEL_WIDTH = 44;

/** A canvas that follows its data, its width and the theme. The drawing library is loaded when the first one appears. */
export function Plot({ kind, data, view, height, summary, tooltip }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef({ data, view });
  const [hover, setHover] = useState<Hover | null>(null);

  // Creates the canvas and keeps it as wide as its place and in the colours of the theme.
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    let isGone = false;
    let colors = readPlotColors();
    const stops: (() => void)[] = [];
    const onCursor = ({ cursor }: uPlot): void => {
      const { idx, left = -1 } = cursor;
      setHover(idx == null || left < 0 ? null : { index: idx, left });
    };
    void import("uplot").then(({ default: Library }) => {
      if (isGone) return;
      const options = plotOptions({
        kind,
        width: element.clientWidth,
        height,
        view: () => latest.current.view,
        colors: () => colors,
        onCursor,
        steppedPaths: Library.paths.stepped?.({ align: -1 }),
      });
      const created = new Library(options, latest.current.data, element);
      plot.current = created;
      const resize = new ResizeObserver(() =>
        created.setSize({ width: element.clientWidth, height }),
      );
      resize.observe(element);
      stops.push(
        () => resize.disconnect(),
        () => created.destroy(),
        observeTheme(() => {
          colors = readPlotColors();
          created.redraw();
        }),
      );
    });
    return () => {
      isGone = true;
      plot.current = null;
      for (const stop of stops) stop();
    };
  }, [kind, height]);

  // Hands new data to the canvas.
  useEffect(() => {
    latest.current = { data, view };
    plot.current?.setData(data, true);
  }, [data, view]);

  const isRight = hover !== null && hover.left > (host.current?.clientWidth ?? 0) * 0.6;
  return (
    <div className="relative" role="img" aria-label={summary}>
      <div ref={host} style={{ height }} className="min-w-0 overflow-hidden" />
      {hover !== null && (
        <div
          className="pointer-events-none absolute top-1 z-10 rounded-md border border-line bg-surface px-2.5 py-1.5 text-xs shadow-float"
          style={
            isRight
              ? { right: `calc(100% - ${hover.left + LABEL_WIDTH - 10}px)` }
              : { left: hover.left + LABEL_WIDTH + 10 }
          }
        >
          {tooltip(hover.index)}
        </div>
      )}
    </div>
  );
}
