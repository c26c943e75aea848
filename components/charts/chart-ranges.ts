const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export interface ChartRange {
  /** On the control. */
  readonly label: string;
  /** In sentences: "of the last 15 minutes". */
  readonly words: string;
  readonly lengthMs: number;
  /** Step asked of the server: the finest that is stored for so long. */
  readonly historyStepSeconds: number;
  /** Step in which live seconds are drawn at the right end. */
  readonly liveStepMs: number;
  readonly refetchMs: number;
  /** How often the chart moves on. */
  readonly tickMs: number;
}

export const CHART_RANGES = {
  "15m": {
    label: "15 min",
    words: "15 minutes",
    lengthMs: 15 * MINUTE_MS,
    historyStepSeconds: 10,
    liveStepMs: SECOND_MS,
    refetchMs: 5 * MINUTE_MS,
    tickMs: SECOND_MS,
  },
  "1h": {
    label: "1 h",
    words: "hour",
    lengthMs: HOUR_MS,
    historyStepSeconds: 10,
    liveStepMs: 10 * SECOND_MS,
    refetchMs: 5 * MINUTE_MS,
    tickMs: 5 * SECOND_MS,
  },
  "24h": {
    label: "24 h",
    words: "24 hours",
    lengthMs: 24 * HOUR_MS,
    historyStepSeconds: 60,
    liveStepMs: MINUTE_MS,
    refetchMs: 5 * MINUTE_MS,
    tickMs: 30 * SECOND_MS,
  },
  "7d": {
    label: "7 d",
    words: "7 days",
    lengthMs: 7 * 24 * HOUR_MS,
    historyStepSeconds: 900,
    liveStepMs: 15 * MINUTE_MS,
    refetchMs: 15 * MINUTE_MS,
    tickMs: MINUTE_MS,
  },
} as const satisfies Record<string, ChartRange>;

export type ChartRangeName = keyof typeof CHART_RANGES;
export const CHART_RANGE_NAMES = Object.keys(CHART_RANGES) as ChartRangeName[];
