/**
 * Passes text on line by line, but keeps the newest line back: when the writer ends with a sentence that
 * says why, the reader can have it last and once.
 */
export class LastLine {
  readonly #write: (text: string) => void;
  #partial = "";
  #held: string | null = null;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  push(text: string): void {
    const lines = (this.#partial + text).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#hold(line);
  }

  #hold(line: string): void {
    this.flush();
    this.#held = line;
  }

  /** Passes on the line that is held back. */
  flush(): void {
    if (this.#held !== null) this.#write(`${this.#held}\n`);
    this.#held = null;
  }

  /** The writer is gone: passes on everything that is left, with or without an end. */
  end(): void {
    if (this.#partial !== "") this.#hold(this.#partial);
    this.#partial = "";
    this.flush();
  }

  /** Takes the last line instead of passing it on; null when nothing was written. */
  take(): string | null {
    if (this.#partial !== "") this.#hold(this.#partial);
    this.#partial = "";
    const line = this.#held;
    this.#held = null;
    return line === null || line.trim() === "" ? null : line.trim();
  }
}
