/** Counters, and when they stood so: milliseconds since the epoch. */
export interface Sample<K extends string> {
  readonly at: number;
  readonly counts: Readonly<Record<K, number>>;
}

const SECOND_MS = 1_000;

/** How fast each counter grew, a second. One that begins anew, with a relay process, counts from nothing. */
export function ratesBetween<K extends string>(
  before: Sample<K>,
  after: Sample<K>,
): Record<K, number> {
  const seconds = Math.max(after.at - before.at, 1) / SECOND_MS;
  const rates = {} as Record<K, number>; // Filled below, name by name.
  for (const name of Object.keys(after.counts) as K[]) {
    const grown = after.counts[name] - before.counts[name];
    rates[name] = (grown < 0 ? after.counts[name] : grown) / seconds;
  }
  return rates;
}
