import { MUX_LIMITS } from "../limits.ts";

/** Chunks shifted off before the array is compacted: keeps `take` O(1) without a copy per chunk. */
const COMPACT_AFTER = 64;

/** Bytes of one stream that wait for credit or for the transport: views, never copies. */
export class OutboundQueue {
  #chunks: (Uint8Array | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isOverBound(): boolean {
    return (
      this.#bytes > MUX_LIMITS.unsentStreamBytes ||
      this.#chunks.length - this.#head > MUX_LIMITS.unsentStreamChunks
    );
  }

  get isDrained(): boolean {
    return (
      this.#bytes <= MUX_LIMITS.drainStreamBytes &&
      this.#chunks.length - this.#head <= MUX_LIMITS.unsentStreamChunks / 2
    );
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
  }

  /** The next bytes in order, at most `maxBytes` and at most one chunk. Only when `bytes` is above 0. */
  take(maxBytes: number): Uint8Array {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) throw new RangeError("nothing is queued");
    if (chunk.byteLength > maxBytes) {
      this.#chunks[this.#head] = chunk.subarray(maxBytes);
      this.#bytes -= maxBytes;
      return chunk.subarray(0, maxBytes);
    }
    this.#chunks[this.#head] = undefined;
    this.#head += 1;
    this.#bytes -= chunk.byteLength;
    if (this.#head === this.#chunks.length) this.clear();
    else if (this.#head === COMPACT_AFTER) {
      this.#chunks.splice(0, COMPACT_AFTER);
      this.#head = 0;
    }
    return chunk;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#head = 0;
    this.#bytes = 0;
  }
}
