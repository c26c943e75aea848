export interface HistogramFacts {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  /** One for each bound, and one of what is above the last; of the bucket alone, not of those below it. */
  readonly counts: readonly number[];
  /** Of all values. */
  readonly sum: number;
}

/** Writes a histogram that others counted as Prometheus reads it (text format 0.0.4). */
export function histogramText({ name, help, bounds, counts, sum }: HistogramFacts): string {
  let total = 0;
  const buckets = [...bounds.map(String), "+Inf"].map((bound, i) => {
    total += counts[i] ?? 0;
    return `${name}_bucket{le="${bound}"} ${total}`;
  });
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_sum ${sum}`,
    `${name}_count ${total}`,
    "",
  ].join("\n");
}
