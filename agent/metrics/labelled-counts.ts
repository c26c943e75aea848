/** Distinct sets of labels that are kept; words of another side must not fill the memory. */
const SETS_MAX = 500;

export interface LabelledCount<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly count: number;
}

/** Counters told apart by labels. Cheap enough for every message, not meant for every byte. */
export class LabelledCounts<L extends string> {
  readonly #counts = new Map<string, { labels: Readonly<Record<L, string>>; count: number }>();

  /** @param seeds what is listed as 0 before it first happens. */
  constructor(seeds: readonly Readonly<Record<L, string>>[] = []) {
    for (const labels of seeds) this.#entry(labels);
  }

  add(labels: Readonly<Record<L, string>>): void {
    const entry = this.#entry(labels);
    if (entry !== null) entry.count += 1;
  }

  list(): readonly LabelledCount<L>[] {
    return [...this.#counts.values()];
  }

  /** @returns null beyond the bound: those are not told apart, and not counted. */
  #entry(labels: Readonly<Record<L, string>>): { count: number } | null {
    const key = Object.values(labels).join("\n");
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (this.#counts.size >= SETS_MAX) return null;
    const entry = { labels, count: 0 };
    this.#counts.set(key, entry);
    return entry;
  }
}
