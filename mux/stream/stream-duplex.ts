import { Duplex } from "node:stream";
import type { MuxStreamEnd, MuxStreamPort } from "./mux-stream-port.ts";

/** What either side of the adapter may hold before it asks for a pause, bytes. */
const HIGH_WATER_BYTES = 64 * 1024;
/** Chunks that are written together and are smaller than this in sum go out as one frame. */
const JOIN_BELOW_BYTES = 16 * 1024;

/** The stream ended otherwise than in order. */
export class StreamBrokenError extends Error {
  readonly code = "ECONNRESET";
  readonly why: MuxStreamEnd;

  constructor(why: MuxStreamEnd) {
    super(`the stream is over: ${why}`);
    this.why = why;
  }
}

/**
 * A mux stream with the face of a Node socket, for libraries that speak HTTP over one. Off the hot path: what is only
 * passed on goes through the pump.
 *
 * Credit goes back once a reader has taken the bytes, or while they fit below the high-water mark. When the service ends its
 * half, ours ends too, as HTTP clients expect of an idle connection.
 */
export class StreamDuplex extends Duplex {
  /** Read by `http.Agent`, which sets none on ours. */
  readonly timeout = 0;
  /**
   * Nobody waits for anything. What the peer says all the same breaks the stream: it would be taken for the answer to what
   * is asked next, by somebody else.
   */
  isIdle = false;
  readonly #stream: MuxStreamPort;
  #unconsumedBytes = 0;
  #onWritten: ((error?: Error | null) => void) | null = null;
  #isDetached = false;

  constructor(stream: MuxStreamPort) {
    super({
      allowHalfOpen: false,
      readableHighWaterMark: HIGH_WATER_BYTES,
      writableHighWaterMark: HIGH_WATER_BYTES,
    });
    this.#stream = stream;
    stream.bind({
      onData: (chunk) => this.#onData(chunk),
      onBatchEnd: () => undefined,
      onEnd: () => void this.push(null),
      onDrain: () => this.#settleWrite(),
      onClose: (why) => this.#onClose(why),
    });
  }

  /**
   * Gives the stream back, to be bound by somebody else. What was read and not delivered is returned; credit for it has
   * gone back. The adapter must not be used afterwards.
   */
  detach(): { readonly stream: MuxStreamPort; readonly unread: Uint8Array } {
    this.#isDetached = true;
    const unread: unknown = this.read();
    this.#consume();
    this.destroy();
    return { stream: this.#stream, unread: Buffer.isBuffer(unread) ? unread : Buffer.alloc(0) };
  }

  override _read(): void {
    this.#consume();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void) {
    this.#write([chunk], callback);
  }

  override _writev(
    chunks: { readonly chunk: Buffer }[],
    callback: (error?: Error | null) => void,
  ): void {
    const parts = chunks.map(({ chunk }) => chunk);
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    this.#write(bytes < JOIN_BELOW_BYTES ? [Buffer.concat(parts, bytes)] : parts, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#stream.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#isDetached) this.#stream.reset();
    callback(error);
  }

  // What HTTP clients do to sockets, and what does not concern a stream of a link that is kept alive anyway.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  #onData(chunk: Uint8Array): void {
    if (this.isIdle) return void this.destroy();
    this.#unconsumedBytes += chunk.byteLength;
    if (this.push(chunk)) this.#consume();
  }

  #consume(): void {
    const bytes = this.#unconsumedBytes;
    if (bytes === 0) return;
    this.#unconsumedBytes = 0;
    this.#stream.consume(bytes);
  }

  #write(parts: readonly Buffer[], callback: (error?: Error | null) => void): void {
    let hasRoom = true;
    // Many requests a turn of the event loop are one system call; a bulk write gains nothing by waiting.
    if (parts.length === 1) this.#stream.gather?.();
    for (const part of parts) hasRoom = this.#stream.write(part);
    if (hasRoom) callback();
    else this.#onWritten = callback;
  }

  #settleWrite(): void {
    const callback = this.#onWritten;
    this.#onWritten = null;
    callback?.();
  }

  #onClose(why: MuxStreamEnd): void {
    if (this.#isDetached || this.destroyed) return;
    if (why === "ended") return this.#settleWrite();
    this.destroy(new StreamBrokenError(why));
  }
}
