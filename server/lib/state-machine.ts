/** Every legal move, readable at a glance. A missing cell is an illegal move. */
export type TransitionTable<S extends string, E extends string> = Readonly<
  Record<S, Readonly<Partial<Record<E, S>>>>
>;

/** A move the table has no cell for: a bug of ours, never a peer's fault. */
export class IllegalTransitionError extends Error {
  override readonly name = "IllegalTransitionError";
}

/**
 * Pure step function: the caller stores the result, so a state can change on
 * exactly one line per owner and never halfway through a side effect.
 *
 * @throws IllegalTransitionError when the table has no cell for `event` in `state`.
 */
export function advance<S extends string, E extends string>(
  table: TransitionTable<S, E>,
  state: S,
  event: E,
): S {
  const next = table[state][event];
  if (next === undefined) throw new IllegalTransitionError(`${event} is not allowed in ${state}`);
  return next;
}
