import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ByteSocket, ByteSocketHandler } from "./byte-socket.ts";
import { PackedBytes } from "../packed-bytes.ts";
import { keepReadMemory } from "./read-buffers.ts";
import { resetSocket } from "./reset-socket.ts";

/** Unsent bytes at which `write` asks its caller to stop. Not below any `writableHighWaterMark`, so a `drain` always follows. */
export const SOCKET_HIGH_WATER_BYTES = 256 * 1024;

/** A chunk below this that has to wait is packed with its neighbours; queued alone, each byte of it could cost 300. */
const PACK_BELOW_BYTES = 1024;

/** Where reads come from when they do not come as `data` events. */
export interface LargeReads {
  /** Called with each read; the bytes are lent for the length of the call. */
  onRead: (chunk: Uint8Array) => void;
  /** Lets go of the memory for reads. */
  readonly release: () => void;
  /** Takes kept memory back: the first `bytes` bytes that were read are in use no more. */
  readonly reclaim: (bytes: number) => void;
}

/** `ByteSocket` over a Node socket, whatever its kind. */
export class NodeByteSocket implements ByteSocket {
  readonly #socket: Duplex;
  readonly #largeReads: LargeReads | null;
  #handler: ByteSocketHandler | null = null;
  #head: Uint8Array | null;
  readonly #headBytes: number;
  /** Small chunks behind a full socket; what is written later waits for them. */
  readonly #packed = new PackedBytes();
  #packedBytes = 0;
  #error: Error | null = null;
  #isEnded = false;
  #isClosed = false;

  /**
   * @param socket paused, connected or still connecting; owned by this object from now on.
   * @param head bytes that were read before; delivered first.
   * @param largeReads null when reads come as `data` events.
   */
  constructor(socket: Duplex, head: Uint8Array | null, largeReads: LargeReads | null) {
    this.#socket = socket;
    this.#head = head !== null && head.byteLength > 0 ? head : null;
    this.#headBytes = head?.byteLength ?? 0;
    this.#largeReads = largeReads;
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => this.#onClose());
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrain());
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + this.#packedBytes;
  }

  get hasRoom(): boolean {
    return this.unsentBytes < SOCKET_HIGH_WATER_BYTES;
  }

  get remoteAddress(): string | undefined {
    return this.#socket instanceof Socket ? this.#socket.remoteAddress : undefined;
  }

  get remotePort(): number | undefined {
    return this.#socket instanceof Socket ? this.#socket.remotePort : undefined;
  }

  bind(handler: ByteSocketHandler): void {
    const isFirst = this.#handler === null;
    this.#handler = handler;
    if (!isFirst) return;
    const head = this.#head;
    this.#head = null;
    if (head !== null) handler.onData(head);
    if (this.#isClosed) {
      queueMicrotask(() => this.#handler?.onClose(this.#error));
      return;
    }
    if (this.#largeReads === null) {
      this.#socket.on("data", (chunk: Uint8Array) => this.#handler?.onData(chunk));
    } else {
      this.#largeReads.onRead = (chunk) => this.#onLentData(chunk);
    }
    this.#socket.resume();
  }

  write(chunk: Uint8Array): boolean {
    if (!this.#socket.writable) return true;
    if (this.#socket.writableNeedDrain && chunk.byteLength < PACK_BELOW_BYTES) {
      this.#packed.push(chunk);
      this.#packedBytes += chunk.byteLength;
      return this.hasRoom;
    }
    this.#unpack();
    this.#socket.write(chunk);
    this.#keepUnsent();
    return this.hasRoom;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
    this.#keepUnsent();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  reclaim(bytes: number): void {
    this.#largeReads?.reclaim(bytes - this.#headBytes);
  }

  end(): void {
    if (!this.#socket.writable) return;
    this.#unpack();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    resetSocket(this.#socket);
  }

  #onLentData(chunk: Uint8Array): void {
    if (this.#handler?.borrows !== true) keepReadMemory();
    this.#handler?.onData(chunk);
  }

  #unpack(): void {
    if (this.#packedBytes === 0) return;
    this.#packedBytes = 0;
    for (let block = this.#packed.shift(); block !== undefined; block = this.#packed.shift()) {
      this.#socket.write(block);
    }
  }

  /** Once what was packed has gone too, and never after the end was queued: the socket drains no more then. */
  #onDrain(): void {
    this.#unpack();
    if (!this.#socket.writableNeedDrain) this.#handler?.onDrain();
  }

  /** What the operating system has not taken at once may be a view of what is being read. While corked it is not asked. */
  #keepUnsent(): void {
    if (this.#socket.writableCorked === 0 && this.#socket.writableLength > 0) keepReadMemory();
  }

  #onEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#handler?.onEnd();
  }

  #onClose(): void {
    this.#isClosed = true;
    this.#largeReads?.release();
    this.#handler?.onClose(this.#error);
  }
}
