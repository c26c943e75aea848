import { write, writeSync } from "node:fs";
import type { DestinationStream } from "pino";

/** Lines that wait for a reader that is slow or has stopped; past it new ones are dropped. */
const UNWRITTEN_BYTES_MAX = 4 * 1024 * 1024;
/** Before a full pipe is tried again. */
const RETRY_MS = 20;

/**
 * Log lines to a file descriptor, such as standard output. A reader that is slow costs lines, one that is gone costs all of
 * them; the event loop waits for neither.
 *
 * (pino's own destination tries a broken pipe again for ever when the process ends.)
 */
export class LogOutput implements DestinationStream {
  readonly #fd: number;
  #lines: string[] = [];
  #bytes = 0;
  #isWriting = false;
  #isBroken = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#isBroken || this.#bytes > UNWRITTEN_BYTES_MAX) return;
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#isWriting) return;
    this.#isWriting = true;
    // What is said in one turn is written together.
    setImmediate(() => this.#next());
  }

  /** Writes what waits, as far as the reader takes it at once. For the end of the process. */
  flushSync(): void {
    if (this.#isBroken) return;
    const rest = Buffer.from(this.#takeAll());
    try {
      for (let at = 0; at < rest.byteLength;) at += writeSync(this.#fd, rest, at);
    } catch {
      // Full or broken: nobody is left to tell.
      this.#isBroken = true;
    }
  }

  #next(): void {
    this.#isWriting = this.#lines.length > 0;
    if (this.#isWriting) this.#write(Buffer.from(this.#takeAll()));
  }

  #write(chunk: Buffer): void {
    write(this.#fd, chunk, (error, written) => {
      if (error !== null && !isFull(error)) {
        this.#isBroken = true;
        this.#takeAll();
        return;
      }
      const rest = error === null ? chunk.subarray(written) : chunk;
      if (error !== null) setTimeout(() => this.#write(rest), RETRY_MS).unref();
      else if (rest.byteLength > 0) this.#write(rest);
      else this.#next();
    });
  }

  #takeAll(): string {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#bytes = 0;
    return text;
  }
}

function isFull(error: NodeJS.ErrnoException): boolean {
  return error.code === "EAGAIN" || error.code === "EBUSY";
}
