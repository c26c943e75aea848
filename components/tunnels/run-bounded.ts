const AT_ONCE = 6;

export interface Outcome<T, R> {
  readonly item: T;
  readonly value: R | null;
  /** Null when it worked. */
  readonly error: unknown;
}

/** Runs work for every item, a few at a time; one failure does not stop the others. In the items' order. */
export async function runBounded<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<Outcome<T, R>[]> {
  const outcomes: Outcome<T, R>[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const batch = items.slice(start, start + AT_ONCE);
    const settled = await Promise.allSettled(batch.map((item) => work(item)));
    batch.forEach((item, index) => {
      const result = settled[index];
      outcomes.push(
        result?.status === "fulfilled"
          ? { item, value: result.value, error: null }
          : { item, value: null, error: result?.reason ?? "not run" },
      );
    });
  }
  return outcomes;
}
