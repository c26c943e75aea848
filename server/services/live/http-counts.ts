import { HTTP_LATENCY_BOUNDS_MS } from "#protocol/api/http-figures.ts";
import type { HttpCounts } from "#protocol/relay/events.ts";

/** 1xx to 5xx. */
const CLASSES = 5;

export const NO_HTTP_COUNTS: HttpCounts = {
  classes: Array.from({ length: CLASSES }, () => 0),
  latency: Array.from({ length: HTTP_LATENCY_BOUNDS_MS.length + 1 }, () => 0),
  latencySumUs: 0,
  messages: { in: 0, out: 0 },
};

export function addHttpCounts(a: HttpCounts, b: HttpCounts): HttpCounts {
  return combine(a, b, (x, y) => x + y);
}

export function subtractHttpCounts(a: HttpCounts, b: HttpCounts): HttpCounts {
  return combine(a, b, (x, y) => x - y);
}

/** Every figure of it, for looking at all of them alike. */
export function httpFigures(counts: HttpCounts): readonly number[] {
  const { classes, latency, latencySumUs, messages } = counts;
  return [...classes, ...latency, latencySumUs, messages.in, messages.out];
}

function combine(
  a: HttpCounts,
  b: HttpCounts,
  merge: (a: number, b: number) => number,
): HttpCounts {
  const lists = (x: readonly number[], y: readonly number[]) =>
    x.map((count, i) => merge(count, y[i] ?? 0));
  return {
    classes: lists(a.classes, b.classes),
    latency: lists(a.latency, b.latency),
    latencySumUs: merge(a.latencySumUs, b.latencySumUs),
    messages: {
      in: merge(a.messages.in, b.messages.in),
      out: merge(a.messages.out, b.messages.out),
    },
  };
}
