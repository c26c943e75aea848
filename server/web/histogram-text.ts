export interface HistogramFacts {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  /** One for each bound, and one of what is above the last; of the bucket alone, not of those below it. */
  readonly counts: readonly number[];
}

/**
 * Writes a histogram that others counted as Prometheus reads it (text format 0.0.4). It has no `_sum`: counts in buckets
 * do not tell it, and a guess would look like a fact.
 */
export function histogramText({ name, help, bounds, counts }: HistogramFacts): string {
  let total = 0;
  const buckets = [...bounds.map(String), "+Inf"].map((bound, i) => {
    total += counts[i] ?? 0;
    return `${name}_bucket{le="${bound}"} ${total}`;
  });
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_count ${total}`,
    "",
  ].join("\n");
}
