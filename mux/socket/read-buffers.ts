/** Most that one read may bring. Measured: 128 KiB gave a quarter more goodput than Node's 64 KiB, 256 KiB no more than that. */
export const READ_BUFFER_BYTES = 128 * 1024;

/** A read of at least this much counts as bulk: its socket reads into memory of its own from then on. */
export const BULK_READ_BYTES = 16 * 1024;

/**
 * Gives one socket the memory that the next read goes into.
 *
 * A quiet socket reads into one buffer shared by the process and its few bytes are copied out, so that ten thousand idle
 * connections hold no buffers. A busy one reads into a buffer that is handed on and never written again: whoever queues
 * the bytes may keep them, and nothing is copied.
 */
export class ReadBuffers {
  #next: Uint8Array;

  constructor() {
    this.#next = sharedBuffer();
  }

  /** The buffer for the next read. */
  get next(): Uint8Array {
    return this.#next;
  }

  /**
   * Takes the bytes that were just read and decides where the next read goes.
   *
   * @returns a view that belongs to the caller for as long as it wants.
   */
  take(byteCount: number, buffer: Uint8Array): Uint8Array {
    const isBulk = byteCount >= BULK_READ_BYTES;
    const isShared = buffer === shared;
    this.#next = isBulk ? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES) : sharedBuffer();
    const view = buffer.subarray(0, byteCount);
    return isShared || !isBulk ? Buffer.from(view) : view;
  }
}

/** Made at the first use: importing a module does nothing. */
let shared: Uint8Array | undefined;

function sharedBuffer(): Uint8Array {
  shared ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  return shared;
}
