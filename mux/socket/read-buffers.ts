/** Most that one read may bring. Measured: 128 KiB gave a quarter more goodput than Node's 64 KiB, 256 KiB no more than that. */
export const READ_BUFFER_BYTES = 128 * 1024;

/** A read of at least this much counts as bulk: its socket reads into memory of its own from then on. */
export const BULK_READ_BYTES = 16 * 1024;

/** Sockets that may hold a buffer of their own at a time, 32 MiB; more of them copy what they read. */
export const MAX_OWN_BUFFERS = 256;

/** Buffers that wait for the next busy socket. */
const MAX_FREE_BUFFERS = 16;

/** Kept buffers that a socket remembers in order to take them back; older ones are left to the garbage collector. */
const MAX_REMEMBERED_BUFFERS = 4;

/**
 * The memory that sockets read into, shared by the process.
 *
 * A quiet socket reads into the one common buffer and its few bytes are copied out, so that ten thousand idle connections
 * hold no buffers. A busy one reads into a buffer of its own, and what it read is lent: by the end of the read it has
 * usually gone to the operating system, and the same memory serves the next read. Memory made anew for each read costs a
 * quarter of the processor time in garbage collection (measured).
 *
 * Whoever keeps a view of lent bytes for longer than the read says so with `keepReadMemory` before the read is over; then
 * the buffer is theirs and the socket takes another. A queue that forgets would send later bytes in the place of its own.
 */
class ReadMemory {
  #common: Uint8Array | undefined;
  readonly #free: Uint8Array[] = [];
  #ownCount = 0;
  #isKept = false;

  /** Made at the first use: importing a module does nothing. */
  get common(): Uint8Array {
    this.#common ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    return this.#common;
  }

  get ownCount(): number {
    return this.#ownCount;
  }

  keep(): void {
    this.#isKept = true;
  }

  /** @returns whether `keep` was called while `deliver` ran. */
  lend(view: Uint8Array, deliver: (view: Uint8Array) => void): boolean {
    this.#isKept = false;
    deliver(view);
    return this.#isKept;
  }

  /** @returns null when too many sockets hold one. */
  takeOwn(): Uint8Array | null {
    if (this.#ownCount >= MAX_OWN_BUFFERS) return null;
    this.#ownCount += 1;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  }

  /** The socket holds its buffer no more: it is free, or somebody keeps it. */
  letGo(): void {
    this.#ownCount -= 1;
  }

  addFree(buffer: Uint8Array): void {
    if (this.#free.length < MAX_FREE_BUFFERS) this.#free.push(buffer);
  }
}

const MEMORY = new ReadMemory();

/** Says that a view of the bytes that are just being read will be used after the read. Harmless when none are. */
export function keepReadMemory(): void {
  MEMORY.keep();
}

/** Buffers that sockets hold of their own, for tests. */
export function ownBufferCount(): number {
  return MEMORY.ownCount;
}

interface KeptBuffer {
  readonly buffer: Uint8Array;
  /** Count of the socket's bytes up to and with the last one in it. */
  readonly end: number;
}

/** Gives one socket the memory that its next read goes into. */
export class ReadBuffers {
  #own: Uint8Array | null = null;
  #deliveredBytes = 0;
  readonly #kept: KeptBuffer[] = [];

  /** The buffer for the next read. */
  get next(): Uint8Array {
    return this.#own ?? MEMORY.common;
  }

  /** Delivers the bytes that were just read into `next`, and decides where the next read goes. */
  deliver(byteCount: number, onRead: (chunk: Uint8Array) => void): void {
    const view = this.next.subarray(0, byteCount);
    this.#deliveredBytes += byteCount;
    if (byteCount < BULK_READ_BYTES) {
      this.release();
      MEMORY.lend(Buffer.from(view), onRead);
    } else if (this.#own === null) {
      this.#own = MEMORY.takeOwn();
      MEMORY.lend(Buffer.from(view), onRead);
    } else if (MEMORY.lend(view, onRead)) {
      this.#remember(this.#own);
      MEMORY.letGo();
      this.#own = MEMORY.takeOwn();
    }
  }

  /** Takes back what was kept: the first `bytes` bytes that were ever delivered are in use no more. */
  reclaim(bytes: number): void {
    for (
      let first = this.#kept[0];
      first !== undefined && first.end <= bytes;
      first = this.#kept[0]
    ) {
      MEMORY.addFree(first.buffer);
      this.#kept.shift();
    }
  }

  /** Lets go of the memory, when the socket is quiet or gone. Idempotent. */
  release(): void {
    if (this.#own === null) return;
    MEMORY.addFree(this.#own);
    MEMORY.letGo();
    this.#own = null;
  }

  #remember(buffer: Uint8Array): void {
    if (this.#kept.length === MAX_REMEMBERED_BUFFERS) this.#kept.shift();
    this.#kept.push({ buffer, end: this.#deliveredBytes });
  }
}
