/** How durations are spread, as Prometheus counts them: each bucket holds what took no longer than its bound. */
export class DurationHistogram {
  readonly boundsSeconds: readonly number[];
  readonly #counts: number[];
  #sumSeconds = 0;
  #count = 0;

  /** @param boundsSeconds ascending. */
  constructor(boundsSeconds: readonly number[]) {
    this.boundsSeconds = boundsSeconds;
    this.#counts = boundsSeconds.map(() => 0);
  }

  observe(seconds: number): void {
    this.#sumSeconds += seconds;
    this.#count += 1;
    const index = this.boundsSeconds.findIndex((bound) => seconds <= bound);
    if (index !== -1) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  get sumSeconds(): number {
    return this.#sumSeconds;
  }

  get count(): number {
    return this.#count;
  }

  /** For each bound, how many took no longer. */
  cumulative(): readonly { readonly boundSeconds: number; readonly count: number }[] {
    let sum = 0;
    return this.boundsSeconds.map((boundSeconds, index) => {
      sum += this.#counts[index] ?? 0;
      return { boundSeconds, count: sum };
    });
  }
}
