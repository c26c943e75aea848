const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const RATE_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"] as const;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** At most three significant digits, never an exponent: 9.62, 96.2, 962. */
export function formatThreeDigits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toString();
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

function scale(value: number, base: number, units: readonly string[]): Quantity {
  let scaled = value;
  let index = 0;
  // 999.5 would print as 1000 of the smaller unit.
  while (Math.abs(scaled) >= Math.min(base, 999.5) && index < units.length - 1) {
    scaled /= base;
    index += 1;
  }
  const text = index === 0 ? Math.round(scaled).toString() : formatThreeDigits(scaled);
  return { value: text, unit: units[index] ?? "" };
}

/** Bytes in binary units. */
export function bytesQuantity(bytes: number): Quantity {
  return scale(bytes, 1_024, BYTE_UNITS);
}

export function formatBytes(bytes: number): string {
  const { value, unit } = bytesQuantity(bytes);
  return `${value} ${unit}`;
}

/** Bits per second, from bytes per second. */
export function rateQuantity(bytesPerSecond: number): Quantity {
  return scale(bytesPerSecond * 8, 1_000, RATE_UNITS);
}

/** A rate in a given unit, without it: for figures that stand beside one with that unit. */
export function rateInUnit(bytesPerSecond: number, unit: string): string {
  const index = RATE_UNITS.findIndex((name) => name === unit);
  return formatThreeDigits((bytesPerSecond * 8) / 1_000 ** Math.max(0, index));
}

/** `0` without a unit when nothing flows, so that a column of quiet rows stays quiet. */
export function formatRate(bytesPerSecond: number): string {
  if (bytesPerSecond < 0.0625) return "0";
  const { value, unit } = rateQuantity(bytesPerSecond);
  return `${value} ${unit}`;
}

const counts = new Intl.NumberFormat("en", { useGrouping: true, maximumFractionDigits: 0 });
export function formatCount(count: number): string {
  return counts.format(count);
}

/** `1 tunnel`, `2 tunnels`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[]): string {
  return LIST.format(items);
}

/** The first letter large. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Two units at most: `22 s`, `41 m`, `2 h 14 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < SECOND_MS) return `${Math.round(whole)} ms`;
  if (whole < MINUTE_MS) return `${Math.floor(whole / SECOND_MS)} s`;
  if (whole < HOUR_MS) return `${Math.floor(whole / MINUTE_MS)} m`;
  if (whole < DAY_MS) {
    return pair(whole / HOUR_MS, "h", (whole % HOUR_MS) / MINUTE_MS, "m");
  }
  return pair(whole / DAY_MS, "d", (whole % DAY_MS) / HOUR_MS, "h");
}

function pair(big: number, bigUnit: string, rest: number, restUnit: string): string {
  const first = `${Math.floor(big)} ${bigUnit}`;
  return rest < 1 ? first : `${first} ${Math.floor(rest)} ${restUnit}`;
}

/** Round trips: `0.1 ms`, `23 ms`, `1.20 s`. */
export function formatLatency(ms: number): string {
  if (ms >= SECOND_MS) return `${formatThreeDigits(ms / SECOND_MS)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** `just now`, `3 min ago`, `in 2 h`. */
export function formatRelative(at: string | number, now: number): string {
  const delta = now - new Date(at).getTime();
  const size = Math.abs(delta);
  if (size < 5 * SECOND_MS) return "just now";
  const text = relativeSize(size);
  return delta >= 0 ? `${text} ago` : `in ${text}`;
}

function relativeSize(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** `14:02`, in the viewer's zone. */
export function formatClock(at: string | number): string {
  return clock.format(new Date(at));
}

/** `14:02:11`, in the viewer's zone. */
export function formatClockSeconds(at: string | number): string {
  return clockSeconds.format(new Date(at));
}

/** `14:02` today, `20 Nov, 14:02` before. */
export function formatMoment(at: string | number, now: number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(date) : `${dayMonth.format(date)}, ${clock.format(date)}`;
}

/** Everything, for titles and accessible names. */
export function formatExact(at: string | number): string {
  return full.format(new Date(at));
}
