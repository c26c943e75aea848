/** Lets so many dials be under way at a time; the others wait in the order in which they came, urgent ones in front. */
export class DialSlots {
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** @returns gives the slot back; call it once. */
  async acquire(isUrgent: boolean): Promise<() => void> {
    const queue = isUrgent ? this.#urgent : this.#waiting;
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    return () => {
      const next = this.#urgent.shift() ?? this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
