export interface HeldOrder {
  readonly ids: readonly string[];
  /** Not shown yet, so that nothing moves under the pointer. */
  readonly newCount: number;
}

/**
 * Keeps the rows where they are while someone points at them: what is gone disappears, what is new
 * waits.
 */
export function holdOrder(shown: readonly string[], wanted: readonly string[]): HeldOrder {
  const wantedIds = new Set(wanted);
  const ids = shown.filter((id) => wantedIds.has(id));
  return { ids, newCount: wanted.length - ids.length };
}
