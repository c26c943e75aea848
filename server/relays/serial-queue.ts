/** Runs work one after the other, in the order it was added; what fails is reported and stops nothing. */
export class SerialQueue {
  readonly #onError: (error: unknown) => void;
  #tail: Promise<void> = Promise.resolve();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(work).catch(this.#onError);
  }

  /** Resolves when everything added so far is done. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
