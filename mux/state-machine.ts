/** Every legal move, readable at a glance. A missing cell is an illegal move. */
export type TransitionTable<S extends string, E extends string> = Readonly<
  Record<S, Readonly<Partial<Record<E, S>>>>
>;

/** A move the table has no cell for: a bug of ours, never a peer's fault. */
export class IllegalMoveError extends Error {
  override readonly name = "IllegalMoveError";
}

/**
 * Steps a state machine: the caller stores the result, so a state changes on one line per owner.
 *
 * @throws IllegalMoveError when the table has no cell for `event` in `state`.
 */
export function step<S extends string, E extends string>(
  table: TransitionTable<S, E>,
  state: S,
  event: E,
): S {
  const next = table[state][event];
  if (next === undefined) throw new IllegalMoveError(`${event} is not allowed in ${state}`);
  return next;
}
