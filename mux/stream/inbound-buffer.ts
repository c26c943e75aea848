/** Small frames are packed into blocks of this size, so that a million one-byte frames cost a million bytes. */
const BLOCK_BYTES = 16 * 1024;
/** Most streams hold back a header at most. */
const FIRST_BLOCK_BYTES = 1024;

/**
 * Holds what arrived before a stream had a user. Copies, because the transport owns what it delivers; the stream's
 * window bounds it.
 */
export class InboundBuffer {
  #blocks: Uint8Array[] = [];
  #lastUsed = 0;

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#lastUsed < last.byteLength) {
      at = Math.min(chunk.byteLength, last.byteLength - this.#lastUsed);
      last.set(chunk.subarray(0, at), this.#lastUsed);
      this.#lastUsed += at;
    }
    if (at === chunk.byteLength) return;
    const least = last === undefined ? FIRST_BLOCK_BYTES : BLOCK_BYTES;
    const block = new Uint8Array(Math.max(least, chunk.byteLength - at));
    block.set(at === 0 ? chunk : chunk.subarray(at));
    this.#blocks.push(block);
    this.#lastUsed = chunk.byteLength - at;
  }

  /** The next bytes in order, owned by the caller from now on, or undefined. */
  shift(): Uint8Array | undefined {
    const block = this.#blocks.shift();
    if (block === undefined || this.#blocks.length > 0) return block;
    return block.subarray(0, this.#lastUsed);
  }

  clear(): void {
    this.#blocks.length = 0;
  }
}
