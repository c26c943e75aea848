const STEPS = [1, 2, 2.5, 5, 10] as const;

/** The smallest pleasant number of which `count` reach `max`: 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(max: number, count: number): number {
  if (max <= 0 || !Number.isFinite(max)) return 1;
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((step) => step * power >= rough * 0.999) ?? 10;
  return factor * power;
}

export interface MirrorScale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

const LINES = 2;
/** What an idle chart shows, bits per second. */
const FLOOR = 1_000;

/** One unit for both directions: `up` above zero, `down` below it, each at least one line high. */
export function mirrorScale(up: number, down: number): MirrorScale {
  const step = niceStep(Math.max(up, down, FLOOR) * 1.05, LINES);
  const above = Math.max(1, Math.ceil((up * 1.02) / step));
  const below = Math.max(1, Math.ceil((down * 1.02) / step));
  const ticks: number[] = [];
  for (let line = -below; line <= above; line += 1) ticks.push(line * step);
  return { min: -below * step, max: above * step, ticks };
}

/** From zero, in whole numbers: counts. */
export function countScale(max: number): MirrorScale {
  const step = Math.max(1, Math.ceil(niceStep(Math.max(max, 2), LINES)));
  const top = Math.max(LINES, Math.ceil(max / step)) * step;
  const ticks: number[] = [];
  for (let tick = 0; tick <= top; tick += step) ticks.push(tick);
  return { min: 0, max: top, ticks };
}

const PREFIXES = ["", "k", "M", "G", "T"] as const;

/** Short for an axis: 300 M, 2.5 k. Without sign: below the axis is the other direction. */
export function formatTick(value: number): string {
  let scaled = Math.abs(value);
  let index = 0;
  while (scaled >= 1_000 && index < PREFIXES.length - 1) {
    scaled /= 1_000;
    index += 1;
  }
  const text = Number(scaled.toFixed(2)).toString();
  return index === 0 ? text : `${text} ${PREFIXES[index] ?? ""}`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TIME_STEPS_MS = [
  1, 2, 3, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1_440, 2_880, 4_320, 10_080,
].map((minutes) => minutes * MINUTE_MS);

/** Round times of the viewer's clock, at most `count` of them. */
export function timeTicks(fromMs: number, toMs: number, count: number): number[] {
  const length = toMs - fromMs;
  const step = TIME_STEPS_MS.find((candidate) => length / candidate <= count) ?? 7 * DAY_MS;
  // Rounded in local time, so that a day begins at midnight here and not in London.
  const offsetMs = new Date(fromMs).getTimezoneOffset() * MINUTE_MS;
  const ticks: number[] = [];
  for (let at = Math.ceil((fromMs - offsetMs) / step) * step + offsetMs; at <= toMs; at += step) {
    ticks.push(at);
  }
  return ticks;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });

export function formatTimeTick(at: number, lengthMs: number): string {
  return lengthMs > 2 * DAY_MS ? day.format(at) : clock.format(at);
}

/** From zero, milliseconds; a fraction of one only where all are as fast. */
export function latencyScale(maxMs: number): MirrorScale {
  const step = niceStep(Math.max(maxMs, 1) * 1.05, LINES);
  const top = Math.max(1, Math.ceil((maxMs * 1.02) / step)) * step;
  const ticks: number[] = [];
  for (let line = 0; line * step <= top * 1.001; line += 1) ticks.push(line * step);
  return { min: 0, max: top, ticks };
}
