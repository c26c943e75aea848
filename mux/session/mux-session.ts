import { AppError } from "#protocol/errors.ts";
import { FLAG, FRAME, GO_AWAY, type FrameHeader } from "../frame/frame-header.ts";
import { FrameReader, type FrameTarget } from "../frame/frame-reader.ts";
import { isProtocolError, ProtocolError } from "../frame/protocol-error.ts";
import { MUX_LIMITS } from "../limits.ts";
import { step, type TransitionTable } from "../state-machine.ts";
import { MuxStream, type StreamHost } from "../stream/mux-stream.ts";
import type { ByteReceiver, ByteTransport } from "../transport/byte-transport.ts";
import { SYSTEM_CLOCK, type MuxClock } from "./clock.ts";
import { MUX_CLOSE_CODES, type MuxCloseReason } from "./close-reason.ts";
import { FairShare } from "./fair-share.ts";
import { KeepAlive } from "./keep-alive.ts";
import { OpenBacklog } from "./open-backlog.ts";
import { OutboundScheduler } from "./outbound-scheduler.ts";

export type MuxSessionState = "open" | "draining" | "closed";
export type MuxSessionEvent = "drain" | "close";

/** open --drain--> draining --close--> closed   (close: from anywhere; draining again changes nothing) */
export const SESSION_TRANSITIONS: TransitionTable<MuxSessionState, MuxSessionEvent> = {
  open: { drain: "draining", close: "closed" },
  draining: { drain: "draining", close: "closed" },
  closed: {},
};

export interface MuxSessionOptions {
  readonly transport: ByteTransport;
  /** The agent is the client (odd stream ids), the server opens even ones. */
  readonly role: "client" | "server";
  /** Receive window of each stream, bytes: from the initial 256 KiB to 16 MiB. */
  readonly windowBytes: number;
  /** Null: no pings of our own accord. */
  readonly keepAliveIntervalMs: number | null;
  /** A stream the peer opened, acknowledged already. Bind it now or later; without this every one is reset. */
  readonly onStream?: (stream: MuxStream) => void;
  /** Once, after every stream has been told. */
  readonly onClose: (reason: MuxCloseReason) => void;
  readonly clock?: MuxClock;
}

/**
 * yamux as HashiCorp specifies it, version 0, over a byte transport.
 *
 * Nothing here ever stops reading the transport: each stream's window bounds what its peer may send, so a reader that
 * stops holds its own window and nothing else.
 *
 * Order:  the constructor binds the transport. `close` is idempotent; after `onClose` nothing is called any more.
 */
export class MuxSession {
  readonly #options: MuxSessionOptions;
  readonly #reader: FrameReader;
  readonly #scheduler: OutboundScheduler;
  readonly #keepAlive: KeepAlive;
  readonly #fairShare: FairShare;
  readonly #clock: MuxClock;
  readonly #backlog = new OpenBacklog();
  readonly #streams = new Map<number, MuxStream>();
  readonly #host: StreamHost;
  #touched: MuxStream[] = [];
  #drainWaiters: (() => void)[] = [];
  #state: MuxSessionState = "open";
  #refusesStreams = false;
  #nextStreamId: number;
  #payloadStream: MuxStream | undefined;
  #payloadEnds = false;

  constructor(options: MuxSessionOptions) {
    const { windowBytes, transport } = options;
    if (windowBytes < MUX_LIMITS.initialWindowBytes || windowBytes > MUX_LIMITS.maxWindowBytes) {
      throw new RangeError(`a window of ${windowBytes} bytes`);
    }
    this.#options = options;
    this.#nextStreamId = options.role === "client" ? 1 : 2;
    this.#scheduler = new OutboundScheduler(transport);
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#reader = new FrameReader(this.#createTarget());
    this.#keepAlive = new KeepAlive({
      clock: this.#clock,
      intervalMs: options.keepAliveIntervalMs,
      sendPing: (value) => this.#sendControl(FRAME.ping, FLAG.syn, 0, value),
      onSilence: () => {
        this.close({ code: "keep_alive_timeout", message: "the peer went silent" });
      },
    });
    this.#fairShare = new FairShare(this.#clock, () => this.#keepAlive.smallestRttMs);
    this.#host = this.#createHost();
    transport.bind(this.#createReceiver());
  }

  get state(): MuxSessionState {
    return this.#state;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** The latest measured round trip, milliseconds; null before the first. */
  get rttMs(): number | null {
    return this.#keepAlive.rttMs;
  }

  /**
   * Opens a stream. It may be written to at once; when many opens are unacknowledged its first frame waits its turn.
   *
   * @throws AppError `unavailable` when draining or closed, or when the ids are used up; `limit_exceeded` at the limit.
   */
  openStream(): MuxStream {
    if (this.#state !== "open") {
      throw new AppError("unavailable", `the mux session is ${this.#state}`);
    }
    if (this.#streams.size >= MUX_LIMITS.streams) {
      throw new AppError("limit_exceeded", "the mux session has too many streams");
    }
    const id = this.#nextStreamId;
    if (id > 0xffff_ffff) throw new AppError("unavailable", "the mux session has no id left");
    this.#nextStreamId = id + 2;
    const stream = this.#createStream(id, true);
    this.#backlog.add(stream);
    return stream;
  }

  /** Measures one round trip, milliseconds. See KeepAlive.ping for its rejections. */
  ping(): Promise<number> {
    return this.#keepAlive.ping();
  }

  /** Tells the peer to open nothing more and goes on serving what is open. Idempotent. */
  goAway(): void {
    if (this.#refusesStreams || this.#state === "closed") return;
    this.#refusesStreams = true;
    this.#advance("drain");
    this.#sendControl(FRAME.goAway, 0, 0, GO_AWAY.normal);
  }

  /**
   * Says go-away and waits for the streams to end.
   *
   * @returns resolves when none is left, when the session closes, or at the deadline, whichever is first. It leaves the
   * session to its owner to close.
   */
  drain(deadlineMs: number): Promise<void> {
    this.goAway();
    if (this.#streams.size === 0 || this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.setTimer(deadlineMs, resolve);
      this.#drainWaiters.push(() => {
        cancelTimer();
        resolve();
      });
    });
  }

  /** Ends the session: go-away, every stream `session_closed`, the transport closed. Idempotent. */
  close(reason: MuxCloseReason): void {
    if (this.#state === "closed") return;
    const { goAway } = MUX_CLOSE_CODES[reason.code];
    if (goAway !== null) this.#sendLastWord(goAway);
    this.#advance("close");
    this.#reader.stop();
    this.#scheduler.stop();
    this.#keepAlive.stop();
    for (const stream of [...this.#streams.values()]) stream.abandon();
    this.#touched = [];
    this.#tellDrained();
    this.#options.transport.close();
    this.#options.onClose(reason);
  }

  #advance(event: MuxSessionEvent): void {
    this.#state = step(SESSION_TRANSITIONS, this.#state, event);
  }

  #createReceiver(): ByteReceiver {
    return {
      onData: (chunk) => {
        this.#keepAlive.onHeard();
        try {
          this.#reader.push(chunk);
        } catch (error) {
          this.#fail(error);
        }
      },
      onBatchEnd: () => this.#endBatch(),
      onDrain: () => this.#scheduler.onDrain(),
      onClose: (message) => this.close({ code: "transport_closed", message }),
    };
  }

  #createTarget(): FrameTarget {
    return {
      onFrame: (header) => this.#receiveFrame(header),
      onPayload: (chunk) => this.#payloadStream?.receivePayload(chunk),
      onPayloadEnd: () => {
        const stream = this.#payloadStream;
        this.#payloadStream = undefined;
        if (this.#payloadEnds) stream?.receiveEnd();
      },
    };
  }

  #createHost(): StreamHost {
    const scheduler = this.#scheduler;
    const fairShare = this.#fairShare;
    const { transport } = this.#options;
    return {
      get canSendNow() {
        return scheduler.canSendNow;
      },
      get unsentBytes() {
        return transport.bufferedBytes;
      },
      sendUpdate: (stream, flags, credit) => {
        this.#sendControl(FRAME.windowUpdate, flags, stream.id, credit);
      },
      sendData: (stream, payload) => {
        fairShare.onSent(stream, payload.byteLength);
        scheduler.sendData(stream.id, payload);
      },
      schedule: (stream) => scheduler.schedule(stream),
      gather: () => scheduler.gather(),
      inFlightLimit: (stream) => fairShare.limitFor(stream),
      onTouched: (stream) => {
        if (stream.isTouched) return;
        stream.isTouched = true;
        this.#touched.push(stream);
      },
      onStreamClosed: (stream) => this.#forget(stream),
    };
  }

  #createStream(id: number, isOurs: boolean): MuxStream {
    const { windowBytes } = this.#options;
    const stream = new MuxStream({ id, host: this.#host, windowBytes, isOurs });
    this.#streams.set(id, stream);
    return stream;
  }

  #forget(stream: MuxStream): void {
    this.#streams.delete(stream.id);
    this.#fairShare.onStreamClosed(stream);
    if (this.#state === "closed") return;
    if (!stream.isAcknowledged) this.#backlog.onClosed(stream);
    if (this.#streams.size === 0) this.#tellDrained();
  }

  #tellDrained(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const waiter of waiters) waiter();
  }

  #endBatch(): void {
    if (this.#touched.length === 0) return;
    const touched = this.#touched;
    this.#touched = [];
    for (const stream of touched) {
      stream.isTouched = false;
      stream.receiveBatchEnd();
    }
  }

  #receiveFrame(header: FrameHeader): boolean {
    switch (header.type) {
      case FRAME.ping:
        this.#receivePing(header);
        return false;
      case FRAME.goAway:
        this.#receiveGoAway(header.length);
        return false;
      default:
        return this.#receiveStreamFrame(header);
    }
  }

  #receivePing({ flags, length }: FrameHeader): void {
    if (flags === FLAG.syn) this.#sendControl(FRAME.ping, FLAG.ack, 0, length);
    else if (flags === FLAG.ack) this.#keepAlive.receivePong(length);
    else throw new ProtocolError("malformed_frame", `ping with flags ${flags}`);
  }

  #receiveGoAway(code: number): void {
    switch (code) {
      case GO_AWAY.normal:
        this.#advance("drain");
        for (const stream of this.#backlog.waiting) stream.receiveReset();
        return;
      case GO_AWAY.protocolError:
        return this.close({ code: "peer_protocol_error", message: "the peer saw a fault of ours" });
      case GO_AWAY.internalError:
        return this.close({ code: "peer_internal_error", message: "the peer failed" });
      default:
        throw new ProtocolError("malformed_frame", `go-away with code ${code}`);
    }
  }

  #receiveStreamFrame(header: FrameHeader): boolean {
    // The header object is reused by the reader: take what is needed before anything is called.
    const { type, flags, streamId, length } = header;
    if ((flags & FLAG.syn) !== 0) this.#accept(streamId);
    const isData = type === FRAME.data;
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (isData) this.#checkSkipped(length);
      return false;
    }
    if ((flags & FLAG.ack) !== 0) this.#receiveAcknowledgement(stream);
    if ((flags & FLAG.rst) !== 0) {
      stream.receiveReset();
      if (isData) this.#checkSkipped(length);
      return false;
    }
    if (isData) return this.#beginPayload(stream, flags, length);
    if (length > 0) stream.receiveCredit(length, (flags & (FLAG.syn | FLAG.ack)) !== 0);
    if ((flags & FLAG.fin) !== 0) stream.receiveEnd();
    return false;
  }

  #beginPayload(stream: MuxStream, flags: number, length: number): boolean {
    try {
      if (length > 0) stream.receiveHeader(length);
    } catch (error) {
      if (!isProtocolError(error) || error.scope !== "stream") throw error;
      stream.reset();
      return false;
    }
    this.#payloadStream = stream;
    this.#payloadEnds = (flags & FLAG.fin) !== 0;
    return true;
  }

  /** Payload for a stream that is gone: no window is left to check it against, but no window was ever larger. */
  #checkSkipped(length: number): void {
    if (length > this.#options.windowBytes) {
      throw new ProtocolError("frame_too_large", `${length} bytes for a closed stream`);
    }
  }

  #accept(streamId: number): void {
    const isTheirs = streamId % 2 === (this.#options.role === "client" ? 0 : 1);
    if (!isTheirs) throw new ProtocolError("wrong_stream_id", `stream ${streamId}`);
    if (this.#streams.has(streamId)) {
      throw new ProtocolError("duplicate_stream", `stream ${streamId}`);
    }
    const { onStream } = this.#options;
    const isFull = this.#streams.size >= MUX_LIMITS.streams;
    if (onStream === undefined || this.#refusesStreams || isFull) {
      return this.#sendControl(FRAME.windowUpdate, FLAG.rst, streamId, 0);
    }
    const stream = this.#createStream(streamId, false);
    stream.start();
    onStream(stream);
  }

  #receiveAcknowledgement(stream: MuxStream): void {
    if (stream.isAcknowledged) return;
    stream.receiveAcknowledgement();
    this.#backlog.onAcknowledged();
  }

  #sendControl(type: number, flags: number, streamId: number, length: number): void {
    try {
      this.#scheduler.sendControl(type, flags, streamId, length);
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendLastWord(code: number): void {
    try {
      this.#scheduler.sendControl(FRAME.goAway, 0, 0, code);
    } catch {
      // The bound on unread control frames: the peer will not read this one either.
    }
  }

  /** Translates a peer's fault into the end of the session, exactly once. Our own bugs pass through. */
  #fail(error: unknown): void {
    if (!isProtocolError(error)) throw error;
    this.close({ code: "protocol_error", message: `${error.fault}: ${error.message}` });
  }
}
