import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import type { MuxStreamEnd, MuxStreamPort } from "./mux-stream-port.ts";

/**
 * Why a pump stopped, as seen from it; who the socket's other end is only the owner knows.
 *
 * `completed` both directions ended in order · `socket_reset` the socket broke · `stream_reset` the other end of the
 * stream gave up · `session_closed` the link died · `closed_locally` `close` was called.
 */
export type PumpEnd =
  "completed" | "socket_reset" | "stream_reset" | "session_closed" | "closed_locally";

export interface PumpObserver {
  /** Called once, last. @param error what broke the socket, where that was it. */
  onClose(close: { readonly reason: PumpEnd; readonly error: Error | null }): void;
}

export interface PumpOptions {
  readonly socket: ByteSocket;
  readonly stream: MuxStreamPort;
  readonly observer: PumpObserver;
  /** Bytes of the stream that its owner read while looking for the end of a preamble and did not `consume`; go to the socket first. */
  readonly firstBytes?: Uint8Array;
  /** True when the owner saw `onEnd` of the stream before it handed over. */
  readonly isStreamEnded?: boolean;
}

/** Plain numbers, read by the owner whenever it likes; when they stand still the connection is idle. */
export interface PumpCounters {
  /** Bytes read from the socket. */
  readonly bytesIn: number;
  /** Bytes given to the socket. */
  readonly bytesOut: number;
}

export interface Pump {
  readonly counters: PumpCounters;
  /** `reset` drops both sides at once; `end` half-closes both after what is queued and waits for them. Idempotent. */
  close(kind: "reset" | "end"): void;
}

/**
 * Moves bytes both ways between a socket and a mux stream until both are over, keeping half-close, resets and
 * back-pressure. The only place where bytes are moved by hand.
 *
 * Credit goes back once the socket's own queue has room, that is when the bytes are the operating system's or nearly so;
 * a target that stops reading therefore holds one window and one socket queue, and nothing else.
 */
export function pump(options: PumpOptions): Pump {
  return new SocketPump(options);
}

class SocketPump implements Pump {
  readonly counters = { bytesIn: 0, bytesOut: 0 };
  readonly #socket: ByteSocket;
  readonly #stream: MuxStreamPort;
  readonly #observer: PumpObserver;
  /** What first went otherwise than in order; null while nothing has. */
  #abnormal: Exclude<PumpEnd, "completed"> | null = null;
  #error: Error | null = null;
  /** Delivered by the stream and not yet consumed. */
  #unconsumedBytes = 0;
  readonly #isDatagrams: boolean;
  #isCorked = false;
  #isSocketClosed = false;
  #isStreamEnded = false;
  #isStreamClosed = false;
  #isFinished = false;

  constructor(options: PumpOptions) {
    this.#socket = options.socket;
    this.#stream = options.stream;
    this.#observer = options.observer;
    this.#isDatagrams = options.socket.datagrams !== undefined;
    if (options.firstBytes !== undefined && options.firstBytes.byteLength > 0) {
      this.#toSocket(options.firstBytes);
      this.#flush();
    }
    if (options.isStreamEnded === true) this.#onStreamEnd();
    this.#bindStream();
    this.#bindSocket();
  }

  close(kind: "reset" | "end"): void {
    if (this.#isSocketClosed && this.#isStreamClosed) return;
    this.#abnormal ??= "closed_locally";
    if (kind === "end") {
      this.#stream.end();
      this.#socket.end();
      return;
    }
    this.#stream.reset();
    this.#socket.reset();
  }

  #bindStream(): void {
    this.#stream.bind({
      borrows: true,
      onData: (chunk) => this.#toSocket(chunk),
      onBatchEnd: () => this.#flush(),
      onEnd: () => this.#onStreamEnd(),
      onDrain: () => this.#socket.resume(),
      onClose: (why) => this.#onStreamClose(why),
    });
  }

  #bindSocket(): void {
    this.#socket.bind({
      borrows: true,
      onData: (chunk) => this.#toStream(chunk),
      onEnd: () => this.#stream.end(),
      onDrain: () => this.#consume(),
      onClose: (error) => this.#onSocketClose(error),
    });
  }

  #toStream(chunk: Uint8Array): void {
    // What was queued for want of credit has usually gone by the time of the next read: its memory serves again.
    this.#socket.reclaim(this.counters.bytesIn - (this.#stream.heldBytes ?? Infinity));
    this.counters.bytesIn += chunk.byteLength;
    if (this.#isDatagrams) this.#stream.gather?.();
    if (!this.#stream.write(chunk)) this.#socket.pause();
  }

  #toSocket(chunk: Uint8Array): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
    }
    this.#unconsumedBytes += chunk.byteLength;
    this.counters.bytesOut += chunk.byteLength;
    this.#socket.write(chunk);
  }

  #flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
    if (this.#socket.hasRoom) this.#consume();
  }

  #consume(): void {
    const byteCount = this.#unconsumedBytes;
    if (byteCount === 0) return;
    this.#unconsumedBytes = 0;
    this.#stream.consume(byteCount);
  }

  #onStreamClose(why: MuxStreamEnd): void {
    this.#isStreamClosed = true;
    this.#flush();
    if (why !== "ended") {
      this.#abnormal ??=
        why === "reset_by_peer"
          ? "stream_reset"
          : why === "session_closed"
            ? "session_closed"
            : "closed_locally";
      this.#socket.reset();
    }
    this.#finish();
  }

  #onStreamEnd(): void {
    this.#isStreamEnded = true;
    this.#flush();
    this.#socket.end();
  }

  #onSocketClose(error: Error | null): void {
    this.#isSocketClosed = true;
    if (!this.#isStreamClosed) {
      if (error !== null) this.#abnormal ??= "socket_reset";
      this.#error = error;
      const isOrderly = error === null && this.#abnormal === null && this.#isStreamEnded;
      if (isOrderly) this.#stream.end();
      else this.#stream.reset();
    }
    this.#finish();
  }

  #finish(): void {
    if (!this.#isSocketClosed || !this.#isStreamClosed || this.#isFinished) return;
    this.#isFinished = true;
    this.#observer.onClose({ reason: this.#abnormal ?? "completed", error: this.#error });
  }
}
