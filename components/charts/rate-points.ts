import type { LiveMetric } from "#protocol/live/events.ts";
import type { SeriesDto } from "#protocol/api/series.ts";

/** Bytes per second of the time up to `at`; null where nothing was measured. */
export interface RatePoint {
  readonly at: number;
  readonly in: number | null;
  readonly out: number | null;
  readonly open: number | null;
  /** Opened a second: connections, or requests of HTTP. */
  readonly opened: number | null;
}

const SECOND_MS = 1_000;
/** History reaches the database this much later, and a page needs a moment to load. */
const WRITE_LAG_MS = 30 * SECOND_MS;

/**
 * History as rates, one point at the end of each step. A step that is not over yet is left out: its
 * sum would look like a drop.
 */
export function toRatePoints(dto: SeriesDto): RatePoint[] {
  const stepMs = dto.stepSeconds * SECOND_MS;
  const until = new Date(dto.to).getTime();
  const out = new Map(dto.series.bytesOut);
  const open = new Map(dto.series.connectionsOpen);
  const opened = new Map(dto.series.connectionsOpened);
  const perSecond = (sum: number | null | undefined): number | null =>
    sum === null || sum === undefined ? null : sum / dto.stepSeconds;
  return dto.series.bytesIn
    .map(([at, sum]) => ({
      at: at + stepMs,
      in: perSecond(sum),
      out: perSecond(out.get(at)),
      open: open.get(at) ?? null,
      opened: perSecond(opened.get(at)),
    }))
    .filter((point) => point.at <= until);
}

export interface LiveWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  /** What holds before the first live second; null when that is not known. */
  readonly before: RatePoint | null;
}

interface Held {
  readonly startMs: number;
  readonly in: number;
  readonly out: number;
  readonly open: number;
  /** In the second that begins there, and not held: what was opened was opened once. */
  readonly opened: number;
}

/**
 * Averages live seconds into steps. Only what changes is sent, so a value holds until the next one;
 * the caller ends the window where the live link was last known to be up.
 */
export function toLivePoints(live: readonly LiveMetric[], window: LiveWindow): RatePoint[] {
  const held = toHeld(live, window);
  const points: RatePoint[] = [];
  let first = 0;
  for (let start = window.fromMs; start < window.toMs; start += window.stepMs) {
    const end = Math.min(start + window.stepMs, window.toMs);
    while (first + 1 < held.length && (held[first + 1]?.startMs ?? Infinity) <= start) first += 1;
    points.push(averageOf(held, first, start, end));
  }
  return points;
}

function toHeld(live: readonly LiveMetric[], window: LiveWindow): Held[] {
  const held: Held[] = [];
  // A quiet scope sends nothing at all; a busy one would, so only quiet is carried on.
  if (window.before?.in === 0 && window.before.out === 0) {
    held.push({ startMs: window.fromMs, in: 0, out: 0, open: window.before.open ?? 0, opened: 0 });
  }
  for (const point of live) {
    held.push({
      startMs: point.at - SECOND_MS,
      in: point.bytesInPerSecond,
      out: point.bytesOutPerSecond,
      open: point.connectionsOpen,
      opened: point.connectionsOpened,
    });
  }
  return held;
}

function averageOf(held: readonly Held[], first: number, start: number, end: number): RatePoint {
  let weight = 0;
  let sumIn = 0;
  let sumOut = 0;
  let open: number | null = null;
  let opened = 0;
  for (let index = first; index < held.length; index += 1) {
    const value = held[index];
    if (value === undefined || value.startMs >= end) break;
    const until = Math.min(held[index + 1]?.startMs ?? Infinity, end);
    const overlap = until - Math.max(value.startMs, start);
    if (overlap <= 0) continue;
    weight += overlap;
    sumIn += value.in * overlap;
    sumOut += value.out * overlap;
    open = value.open;
    if (value.startMs >= start) opened += value.opened;
  }
  if (weight === 0) return { at: end, in: null, out: null, open: null, opened: null };
  return {
    at: end,
    in: sumIn / weight,
    out: sumOut / weight,
    open,
    opened: (opened * SECOND_MS) / (end - start),
  };
}

export interface MergeOptions {
  readonly history: readonly RatePoint[];
  /** End of what the history answers for. */
  readonly historyToMs: number;
  readonly live: readonly LiveMetric[];
  readonly fromMs: number;
  /** Until when the page knows the truth: now, or when the live link was lost. */
  readonly truthMs: number;
  readonly liveStepMs: number;
}

/** History first, live seconds from where it ends. */
export function mergePoints(options: MergeOptions): RatePoint[] {
  const { history, historyToMs, live, fromMs, truthMs, liveStepMs } = options;
  const [first, second] = history;
  // One point beyond the left edge, so that the line enters from outside.
  const marginMs = first && second ? second.at - first.at : liveStepMs;
  const kept = history.filter((point) => point.at > fromMs - marginMs);
  const last = history.at(-1) ?? null;
  const seamMs = last === null ? Math.max(historyToMs, fromMs) : last.at;
  if (truthMs <= seamMs) return kept;
  const recent = toLivePoints(live, {
    fromMs: seamMs,
    toMs: truthMs,
    stepMs: liveStepMs,
    before: last,
  });
  const visible = recent.filter((point) => point.at > fromMs - liveStepMs);
  return [...kept, ...bridge(last, visible, 2 * marginMs + WRITE_LAG_MS)];
}

/** The steps not yet written when the history was read are known neither way: joined, not a gap. */
function bridge(
  last: RatePoint | null,
  recent: readonly RatePoint[],
  lengthMaxMs: number,
): readonly RatePoint[] {
  const known = recent.findIndex((point) => point.in !== null);
  const first = recent[known];
  if (last?.in == null || first === undefined || first.at - last.at > lengthMaxMs) return recent;
  return recent.slice(known);
}

export interface RateSummary {
  readonly lastIn: number | null;
  readonly lastOut: number | null;
  readonly maxIn: number;
  readonly maxOut: number;
  readonly maxOpen: number;
  readonly maxOpened: number;
}

export function summarise(points: readonly RatePoint[]): RateSummary {
  let maxIn = 0;
  let maxOut = 0;
  let maxOpen = 0;
  let maxOpened = 0;
  for (const point of points) {
    maxIn = Math.max(maxIn, point.in ?? 0);
    maxOut = Math.max(maxOut, point.out ?? 0);
    maxOpen = Math.max(maxOpen, point.open ?? 0);
    maxOpened = Math.max(maxOpened, point.opened ?? 0);
  }
  const last = points.at(-1);
  return {
    lastIn: last?.in ?? null,
    lastOut: last?.out ?? null,
    maxIn,
    maxOut,
    maxOpen,
    maxOpened,
  };
}

export interface TableRow extends Omit<RatePoint, "at"> {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The same facts in few rows, newest first: averages, and the last number of connections. */
export function toTableRows(
  points: readonly RatePoint[],
  fromMs: number,
  toMs: number,
  rowCount: number,
): TableRow[] {
  const lengthMs = (toMs - fromMs) / rowCount;
  const rows: TableRow[] = [];
  for (let index = rowCount - 1; index >= 0; index -= 1) {
    const start = fromMs + index * lengthMs;
    const end = start + lengthMs;
    const inside = points.filter((point) => point.at > start && point.at <= end);
    rows.push({
      fromMs: start,
      toMs: end,
      in: mean(inside.map((point) => point.in)),
      out: mean(inside.map((point) => point.out)),
      open: inside.findLast((point) => point.open !== null)?.open ?? null,
      opened: mean(inside.map((point) => point.opened)),
    });
  }
  return rows;
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
