/** One line for each thing that has been done, with how long it took. */
export class Progress {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  say(text: string): void {
    this.#write(`${text}\n`);
  }

  /** @returns called with what has been done. */
  begin(): (done: string) => void {
    const startedAt = performance.now();
    return (done) => {
      const seconds = (performance.now() - startedAt) / 1_000;
      this.say(`  ✓ ${done.padEnd(44)} ${seconds.toFixed(1)} s`);
    };
  }
}
