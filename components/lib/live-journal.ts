/** Events remembered: far more than arrive while one list is fetched. */
export const JOURNAL_EVENTS_MAX = 2_000;

/**
 * Remembers the newest live events, so that a list fetched meanwhile can be brought up to date: what
 * happened between the server's look and the answer's arrival is in neither.
 */
export class LiveJournal<E> {
  #events: E[] = [];
  /** Events noted so far, forgotten ones included. */
  #count = 0;

  note(event: E): void {
    this.#events.push(event);
    this.#count += 1;
    // Halved rather than shifted: a long array is moved once in a while, not at each event.
    if (this.#events.length > JOURNAL_EVENTS_MAX) {
      this.#events = this.#events.slice(-JOURNAL_EVENTS_MAX / 2);
    }
  }

  /** Where the journal stands now; ask before fetching. */
  mark(): number {
    return this.#count;
  }

  /** What was noted after the mark, oldest first; without what was forgotten. */
  since(mark: number): readonly E[] {
    const wanted = this.#count - mark;
    return wanted <= 0 ? [] : this.#events.slice(-wanted);
  }
}
