import { FLAG } from "../frame/frame-header.ts";
import { ProtocolError } from "../frame/protocol-error.ts";
import { MUX_LIMITS } from "../limits.ts";
import { keepReadMemory } from "../socket/read-buffers.ts";
import { step } from "../state-machine.ts";
import { ReceiveCredit, SendCredit } from "./credit.ts";
import { PackedBytes } from "../packed-bytes.ts";
import type { MuxStreamEnd, MuxStreamHandler, MuxStreamPort } from "./mux-stream-port.ts";
import { OutboundQueue } from "./outbound-queue.ts";
import { STREAM_TRANSITIONS, type StreamEvent, type StreamState } from "./stream-state.ts";

/** The only thing a stream knows about its session. */
export interface StreamHost {
  /** True when a data frame written now reaches the transport at once, ahead of nobody. */
  readonly canSendNow: boolean;
  /** Bytes of all streams that the transport has and the operating system has not. */
  readonly unsentBytes: number;
  /** Sends a window update with these flags. */
  sendUpdate(stream: MuxStream, flags: number, credit: number): void;
  sendData(stream: MuxStream, payload: Uint8Array): void;
  /** Puts the stream in the line of those with something to send. Idempotent while it stands there. */
  schedule(stream: MuxStream): void;
  /** Lets what is sent in this turn of the event loop go out together. */
  gather(): void;
  /** Bytes this stream may have in flight now, for the sake of the other streams. */
  inFlightLimit(stream: MuxStream): number;
  /** The stream got bytes: tell it when the batch is over. */
  onTouched(stream: MuxStream): void;
  /** The stream is over; called before its user hears of it. */
  onStreamClosed(stream: MuxStream): void;
}

export interface MuxStreamOptions {
  readonly id: number;
  readonly host: StreamHost;
  /** What we grant the peer, bytes; at least the initial window. */
  readonly windowBytes: number;
  /** True when we open it, false when the peer did. */
  readonly isOurs: boolean;
}

/**
 * One logical connection inside a mux session.
 *
 * Three things that are often mixed up are kept apart here: the lifecycle (`state`), flow control (credit both ways)
 * and what is queued. A user plugs in with `bind`, may be replaced by binding another, and each is told `onEnd` and
 * `onClose` even when they happened before.
 *
 * Order:  `onClose` may come from inside `end`, `reset` and `bind`. After it every method is a no-op.
 */
export class MuxStream implements MuxStreamPort {
  readonly id: number;
  /** Link in the scheduler's line; undefined when the stream does not stand in it. */
  nextReady: MuxStream | null | undefined = undefined;
  /** True while the stream waits for the end of the batch. */
  isTouched = false;
  readonly #host: StreamHost;
  readonly #sendCredit = new SendCredit();
  readonly #receiveCredit: ReceiveCredit;
  readonly #windowBytes: number;
  readonly #outbound = new OutboundQueue();
  #inbound: PackedBytes | undefined;
  #handler: MuxStreamHandler | undefined;
  #state: StreamState;
  #end: MuxStreamEnd | undefined;
  #isStarted = false;
  #isAcknowledged: boolean;
  #isEndAsked = false;
  #isDrainOwed = false;
  #isEndTold = false;
  #isCloseTold = false;
  #bytesReceived = 0;
  #bytesSent = 0;

  constructor(options: MuxStreamOptions) {
    this.id = options.id;
    this.#host = options.host;
    this.#windowBytes = options.windowBytes;
    this.#receiveCredit = new ReceiveCredit(options.windowBytes);
    this.#state = options.isOurs ? "opening" : "open";
    this.#isAcknowledged = !options.isOurs;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The peer has taken notice of a stream of ours; always true for a stream of the peer's. */
  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  /** Our first frame has gone out. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  get heldBytes(): number {
    return this.#outbound.bytes + this.#host.unsentBytes;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Bytes written and not yet handed to the transport. */
  get unsentBytes(): number {
    return this.#outbound.bytes;
  }

  /** Bytes sent that the peer has not given back yet. */
  get inFlightBytes(): number {
    return this.#sendCredit.inFlight;
  }

  /** The smallest credit the peer returned at once; null before the first. */
  get smallestCreditReturn(): number | null {
    return this.#sendCredit.smallestReturn;
  }

  bind(handler: MuxStreamHandler): void {
    this.#handler = handler;
    this.#isEndTold = false;
    this.#isCloseTold = false;
    const inbound = this.#inbound;
    if (inbound !== undefined) {
      // A handler that binds its successor here hands it the rest: the inner call empties the buffer.
      for (let chunk = inbound.shift(); chunk !== undefined; chunk = inbound.shift()) {
        this.#handler.onData(chunk);
      }
      if (this.#inbound === inbound) {
        this.#inbound = undefined;
        this.#handler.onBatchEnd();
      }
    }
    this.#tellEnd();
    this.#tellClose();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isEndAsked || this.#state === "closed" || chunk.byteLength === 0) return true;
    const bytes = chunk.byteLength;
    if (
      this.#outbound.bytes === 0 &&
      this.#isStarted &&
      this.#host.canSendNow &&
      bytes <= MUX_LIMITS.framePayloadBytes &&
      bytes <= this.#allowance()
    ) {
      this.#send(chunk);
      return true;
    }
    this.#outbound.push(chunk);
    if (this.#canSend()) this.#host.schedule(this);
    if (this.#outbound.bytes > 0) keepReadMemory();
    if (!this.#outbound.isOverBound) return true;
    this.#isDrainOwed = true;
    return false;
  }

  gather(): void {
    this.#host.gather();
  }

  end(): void {
    if (this.#isEndAsked || this.#state === "closed") return;
    this.#isEndAsked = true;
    this.#isDrainOwed = false;
    if (this.#isStarted && this.#outbound.bytes === 0) this.#sendEnd();
  }

  reset(): void {
    if (this.#state === "closed") return;
    if (this.#isStarted) this.#host.sendUpdate(this, FLAG.rst, 0);
    this.#close("reset_locally", "reset");
  }

  consume(bytes: number): void {
    if (this.#state === "closed") return;
    const grant = this.#receiveCredit.consume(bytes);
    if (grant > 0 && this.#state !== "remoteEnded") this.#host.sendUpdate(this, 0, grant);
  }

  /**
   * Sends our first frame: a window update that opens or acknowledges the stream and raises the peer's credit from the
   * initial window to ours. What was written before follows.
   */
  start(): void {
    this.#isStarted = true;
    const flag = this.#isAcknowledged ? FLAG.ack : FLAG.syn;
    this.#host.sendUpdate(this, flag, this.#windowBytes - MUX_LIMITS.initialWindowBytes);
    if (this.#canSend()) this.#host.schedule(this);
    else if (this.#isEndAsked && this.#outbound.bytes === 0) this.#sendEnd();
  }

  /**
   * Sends one data frame if there is anything to send and credit for it. For the scheduler.
   *
   * @returns whether the stream wants another turn.
   */
  sendOneFrame(): boolean {
    if (!this.#canSend()) return false;
    this.#send(this.#outbound.take(Math.min(this.#allowance(), MUX_LIMITS.framePayloadBytes)));
    if (this.#outbound.bytes === 0 && this.#isEndAsked) {
      this.#sendEnd();
      return false;
    }
    if (this.#isDrainOwed && this.#outbound.isDrained) {
      this.#isDrainOwed = false;
      this.#handler?.onDrain();
    }
    return this.#canSend();
  }

  receiveAcknowledgement(): void {
    this.#isAcknowledged = true;
    if (this.#state === "opening") this.#advance("acknowledged");
  }

  /** @param isRaise true when the update opens or acknowledges: it enlarges the window and returns nothing. */
  receiveCredit(bytes: number, isRaise: boolean): void {
    if (isRaise) this.#sendCredit.raise(bytes);
    else this.#sendCredit.giveBack(bytes);
    if (this.#canSend()) this.#host.schedule(this);
  }

  /** Takes a data frame's declared length from the window, before any of it is looked at. */
  receiveHeader(payloadBytes: number): void {
    if (this.#state === "remoteEnded") {
      throw new ProtocolError("stream_closed", `${payloadBytes} bytes after the end`);
    }
    this.#receiveCredit.reserve(payloadBytes);
  }

  receivePayload(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#bytesReceived += chunk.byteLength;
    if (this.#handler === undefined || this.#inbound !== undefined) {
      this.#inbound ??= new PackedBytes();
      this.#inbound.push(chunk);
      return;
    }
    this.#host.onTouched(this);
    this.#handler.onData(this.#handler.borrows === true ? chunk : Buffer.from(chunk));
  }

  receiveBatchEnd(): void {
    if (this.#state !== "closed") this.#handler?.onBatchEnd();
  }

  receiveEnd(): void {
    if (this.#state === "closed") return;
    if (this.#state === "remoteEnded") throw new ProtocolError("unexpected_end", "ended twice");
    if (this.#state === "localEnded") return this.#close("ended", "remoteEnd");
    this.#advance("remoteEnd");
    this.#tellEnd();
  }

  receiveReset(): void {
    this.#close("reset_by_peer", "reset");
  }

  /** The session is gone: nothing can be sent any more. */
  abandon(): void {
    this.#close("session_closed", "reset");
  }

  #advance(event: StreamEvent): void {
    this.#state = step(STREAM_TRANSITIONS, this.#state, event);
  }

  #allowance(): number {
    const limit = this.#host.inFlightLimit(this) - this.#sendCredit.inFlight;
    return Math.min(this.#sendCredit.available, limit);
  }

  #canSend(): boolean {
    return this.#isStarted && this.#outbound.bytes > 0 && this.#allowance() > 0;
  }

  #send(payload: Uint8Array): void {
    this.#sendCredit.take(payload.byteLength);
    this.#bytesSent += payload.byteLength;
    this.#host.sendData(this, payload);
  }

  #sendEnd(): void {
    this.#host.sendUpdate(this, FLAG.fin, 0);
    if (this.#state === "remoteEnded") this.#close("ended", "localEnd");
    else this.#advance("localEnd");
  }

  #close(why: MuxStreamEnd, event: StreamEvent): void {
    if (this.#state === "closed") return;
    this.#advance(event);
    this.#end = why;
    this.#outbound.clear();
    // After an orderly end, what nobody has read yet still belongs to whoever binds.
    if (why !== "ended") this.#dropInbound();
    this.#host.onStreamClosed(this);
    this.#tellEnd();
    this.#tellClose();
  }

  #dropInbound(): void {
    this.#inbound?.clear();
    this.#inbound = undefined;
  }

  #tellEnd(): void {
    const hasEnded = this.#state === "remoteEnded" || this.#end === "ended";
    if (!hasEnded || this.#isEndTold || this.#inbound !== undefined) return;
    if (this.#handler === undefined) return;
    this.#isEndTold = true;
    this.#handler.onEnd();
  }

  #tellClose(): void {
    if (this.#end === undefined || this.#isCloseTold || this.#inbound !== undefined) return;
    if (this.#handler === undefined) return;
    this.#isCloseTold = true;
    this.#handler.onClose(this.#end);
  }
}
