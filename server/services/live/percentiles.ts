/** What half, nine of ten and 99 of 100 of the values stay below. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/**
 * Estimates percentiles from a histogram, as if the values of a bucket were spread evenly over it. Values above the last
 * bound count as that bound: more is not known of them.
 *
 * @param bounds upper bounds of the buckets, ascending.
 * @param counts one for each bound, and one of what is above the last.
 * @returns null for an empty histogram.
 */
export function percentiles(
  bounds: readonly number[],
  counts: readonly number[],
): Percentiles | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => valueAt(bounds, counts, share * total);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** The value that `rank` of the values stay below. */
function valueAt(bounds: readonly number[], counts: readonly number[], rank: number): number {
  let below = 0;
  let lower = 0;
  for (const [i, upper] of bounds.entries()) {
    const count = counts[i] ?? 0;
    if (count > 0 && below + count >= rank) {
      return lower + ((upper - lower) * (rank - below)) / count;
    }
    below += count;
    lower = upper;
  }
  return lower;
}
