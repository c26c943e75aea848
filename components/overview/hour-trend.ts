import type { SeriesDto, SeriesPoint } from "#protocol/api/series.ts";

export interface HourTrend {
  readonly open: readonly SeriesPoint[];
  /** Bytes per second, in and out together. */
  readonly rate: readonly SeriesPoint[];
  /** Open connections at the beginning; null when nothing was measured then. */
  readonly openBefore: number | null;
  readonly lastIn: number | null;
  readonly lastOut: number | null;
}

/** What the small pictures of the overview need of the last hour. Gaps stay gaps. */
export function hourTrend({ series, stepSeconds }: SeriesDto): HourTrend {
  const perSecond = (points: readonly SeriesPoint[]): (number | null)[] =>
    points.map(([, sum]) => (sum === null ? null : sum / stepSeconds));
  const inRates = perSecond(series.bytesIn);
  const outRates = perSecond(series.bytesOut);
  const rate = series.bytesIn.map(([at], index): SeriesPoint => {
    const [bytesIn, bytesOut] = [inRates[index] ?? null, outRates[index] ?? null];
    return [at, bytesIn === null || bytesOut === null ? null : bytesIn + bytesOut];
  });
  return {
    open: series.connectionsOpen,
    rate,
    openBefore: series.connectionsOpen[0]?.[1] ?? null,
    lastIn: inRates.at(-1) ?? null,
    lastOut: outRates.at(-1) ?? null,
  };
}
