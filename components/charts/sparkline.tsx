import { cn } from "#components/lib/cn.ts";
import type { SeriesPoint } from "#protocol/api/series.ts";
import { sparklinePaths } from "./sparkline-path.ts";

const STROKES = {
  in: "stroke-in",
  out: "stroke-out",
  neutral: "stroke-faint",
  accent: "stroke-accent",
  success: "stroke-success",
  /** For lines of zeros: there, and no more. */
  quiet: "stroke-line-strong",
} as const;

interface SparklineProps {
  /** Oldest first; null is a gap. */
  readonly points: readonly (number | null)[] | readonly SeriesPoint[];
  /** What it shows, read aloud; empty when the number stands beside it. */
  readonly label: string;
  readonly tone?: keyof typeof STROKES;
  readonly width?: number;
  readonly height?: number;
}

/** The shape of the recent past, without axes: never the only place of a number. */
export function Sparkline(props: SparklineProps) {
  const { points, label, tone = "in", width = 88, height = 22 } = props;
  const values = points.map((point) => (Array.isArray(point) ? point[1] : point));
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={cn("block shrink-0 fill-none", STROKES[tone])}
      {...(label === "" ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {sparklinePaths(values, width, height).map((path) => (
        <path key={path} d={path} strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" />
      ))}
    </svg>
  );
}
