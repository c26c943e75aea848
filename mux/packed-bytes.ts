/** Small frames are packed into blocks of this size, so that a million one-byte frames cost a million bytes. */
const BLOCK_BYTES = 16 * 1024;
/** What waits is often one short message. */
const FIRST_BLOCK_BYTES = 1024;

/**
 * A queue of bytes that costs about as much as its bytes, however small the pieces they come in: a view of its own for
 * each byte would cost 300 times as much. Copies; the caller bounds it.
 */
export class PackedBytes {
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

  /** Everything in one piece, owned by the caller from now on. */
  takeAll(): Uint8Array {
    const first = this.shift() ?? new Uint8Array(0);
    if (this.isEmpty) return first;
    const rest: Uint8Array[] = [];
    for (let next = this.shift(); next !== undefined; next = this.shift()) rest.push(next);
    return Buffer.concat([first, ...rest]);
  }

  clear(): void {
    this.#blocks.length = 0;
  }
}
