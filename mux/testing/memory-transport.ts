import type { ByteReceiver, ByteTransport } from "../transport/byte-transport.ts";

export interface MemoryLinkOptions {
  /** Unsent bytes above which `write` answers false; 64 KiB when not given. */
  readonly highWaterBytes?: number;
  /** True: delivers by itself soon after each write. False: only `deliver` and `settle` move bytes. */
  readonly isAutomatic?: boolean;
  /** Sizes of the chunks delivered by `settle`; everything at once when not given. */
  readonly chunkBytes?: () => number;
}

const DEFAULT_HIGH_WATER_BYTES = 64 * 1024;
const FOREVER = 1_000_000;

/** One end of a pair in memory. What is written waits here until the link delivers it to the other end. */
export class MemoryTransport implements ByteTransport {
  /** Called with every frame as it is written, for tests that watch the wire. */
  onWrite: ((header: Uint8Array, payload: Uint8Array | undefined) => void) | undefined;
  receiver: ByteReceiver | undefined;
  isClosed = false;
  /** The most that was ever unsent at once. */
  peakBufferedBytes = 0;
  readonly #highWaterBytes: number;
  readonly #onChange: () => void;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #isDrainOwed = false;

  constructor(highWaterBytes: number, onChange: () => void) {
    this.#highWaterBytes = highWaterBytes;
    this.#onChange = onChange;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  bind(receiver: ByteReceiver): void {
    this.receiver = receiver;
    this.#onChange();
  }

  write(header: Uint8Array, payload?: Uint8Array): boolean {
    if (this.isClosed) return true;
    this.onWrite?.(header, payload);
    this.#push(header);
    if (payload !== undefined) this.#push(payload);
    this.peakBufferedBytes = Math.max(this.peakBufferedBytes, this.#bufferedBytes);
    this.#onChange();
    if (this.#bufferedBytes <= this.#highWaterBytes) return true;
    this.#isDrainOwed = true;
    return false;
  }

  close(): void {
    this.isClosed = true;
    this.#onChange();
  }

  /** Takes up to `bytes` off the front, as one fresh chunk; undefined when nothing waits. */
  take(bytes: number): Uint8Array | undefined {
    const wanted = Math.min(bytes, this.#bufferedBytes);
    if (wanted === 0) return undefined;
    const chunk = new Uint8Array(wanted);
    let filled = 0;
    let taken = 0;
    while (filled < wanted) {
      const first = this.#chunks[taken];
      if (first === undefined) throw new RangeError("the queue lost bytes");
      const part = first.subarray(0, wanted - filled);
      chunk.set(part, filled);
      filled += part.byteLength;
      if (part.byteLength === first.byteLength) taken += 1;
      else this.#chunks[taken] = first.subarray(part.byteLength);
    }
    this.#chunks.splice(0, taken);
    this.#bufferedBytes -= wanted;
    return chunk;
  }

  /** Tells the writer once its bytes are gone. */
  drainIfOwed(): void {
    if (!this.#isDrainOwed || this.#bufferedBytes > 0) return;
    this.#isDrainOwed = false;
    this.receiver?.onDrain();
  }

  #push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.byteLength;
  }
}

/** Two transports that are each other's far end, with delivery in the test's hands. */
export class MemoryLink {
  readonly a: MemoryTransport;
  readonly b: MemoryTransport;
  readonly #options: MemoryLinkOptions;
  #isScheduled = false;
  #isCut = false;

  constructor(options: MemoryLinkOptions = {}) {
    this.#options = options;
    const highWaterBytes = options.highWaterBytes ?? DEFAULT_HIGH_WATER_BYTES;
    const onChange = (): void => this.#schedule();
    this.a = new MemoryTransport(highWaterBytes, onChange);
    this.b = new MemoryTransport(highWaterBytes, onChange);
  }

  /**
   * Delivers up to `bytes` of what `from` wrote, as one chunk and one batch.
   *
   * @returns how many bytes were delivered.
   */
  deliver(from: MemoryTransport, bytes: number = Number.MAX_SAFE_INTEGER): number {
    const to = from === this.a ? this.b : this.a;
    if (to.receiver === undefined || this.#isCut) return 0;
    const chunk = from.take(bytes);
    if (chunk === undefined) {
      if (from.isClosed) this.cut("the other end closed");
      return 0;
    }
    if (!to.isClosed) {
      to.receiver.onData(chunk);
      to.receiver.onBatchEnd();
    }
    if (!from.isClosed) from.drainIfOwed();
    return chunk.byteLength;
  }

  /** Delivers until nothing moves any more. */
  settle(): void {
    const { chunkBytes } = this.#options;
    for (let round = 0; round < FOREVER; round += 1) {
      const moved = this.deliver(this.a, chunkBytes?.()) + this.deliver(this.b, chunkBytes?.());
      if (moved === 0) return;
    }
    throw new Error("the link never settles");
  }

  /** The link dies: both ends are told, undelivered bytes are lost. */
  cut(reason: string): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const end of [this.a, this.b]) {
      const wasClosed = end.isClosed;
      end.isClosed = true;
      if (!wasClosed) end.receiver?.onClose(reason);
    }
  }

  #schedule(): void {
    if (this.#options.isAutomatic !== true || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.settle();
    });
  }
}
