import type { ByteSocket, ByteSocketHandler } from "../byte-socket.ts";

/** Same meaning as the real socket's high-water mark, small so that tests reach it quickly. */
export const FAKE_HIGH_WATER_BYTES = 1024;

/** A socket without a network: what is written is kept, what it receives is called in by hand. */
export class FakeByteSocket implements ByteSocket {
  readonly remoteAddress = "192.0.2.1";
  readonly remotePort = 4711;
  /** Taken by the "operating system", in order. */
  readonly sent: Uint8Array[] = [];
  /** How many times the operating system was called. */
  flushCount = 0;
  /** False holds everything written back until `drain`. */
  takesWrites = true;
  isPaused = true;
  reclaimedBytes = 0;
  isEnded = false;
  isReset = false;
  isClosed = false;
  #handler: ByteSocketHandler | null = null;
  #queue: Uint8Array[] = [];
  #corks = 0;
  #isDrainOwed = false;

  get unsentBytes(): number {
    return this.#queue.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  get hasRoom(): boolean {
    return this.unsentBytes < FAKE_HIGH_WATER_BYTES;
  }

  get sentBytes(): Buffer {
    return Buffer.concat(this.sent);
  }

  bind(handler: ByteSocketHandler): void {
    this.#handler = handler;
    this.isPaused = false;
  }

  write(chunk: Uint8Array): boolean {
    if (this.isEnded || this.isClosed) return true;
    this.#queue.push(chunk);
    this.#flush();
    if (!this.hasRoom) this.#isDrainOwed = true;
    return this.hasRoom;
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    this.#flush();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  reclaim(bytes: number): void {
    this.reclaimedBytes = bytes;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.close(null);
  }

  reset(): void {
    if (this.isClosed) return;
    this.isReset = true;
    this.close(null);
  }

  receive(chunk: Uint8Array): void {
    this.#handler?.onData(chunk);
  }

  receiveEnd(): void {
    this.#handler?.onEnd();
  }

  /** The operating system takes all that waits. */
  drain(): void {
    this.takesWrites = true;
    this.#flush();
    if (!this.#isDrainOwed) return;
    this.#isDrainOwed = false;
    this.#handler?.onDrain();
  }

  close(error: Error | null): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#queue = [];
    this.#handler?.onClose(error);
  }

  #flush(): void {
    if (this.#corks > 0 || !this.takesWrites || this.#queue.length === 0) return;
    this.sent.push(...this.#queue);
    this.#queue = [];
    this.flushCount += 1;
  }
}
