import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { PackedBytes } from "#mux/packed-bytes.ts";
import type { ByteReceiver, ByteTransport } from "../byte-transport.ts";
import { CLOSE_CODE } from "./close-code.ts";
import { MAX_CONTROL_PAYLOAD_BYTES, OPCODE } from "./frame-header.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";

/** Binary bytes that may wait for `binary.bind`; a peer that sends more before it may expect an answer is closed. */
export const MAX_EARLY_BINARY_BYTES = 1024 * 1024;

/**
 * Unsent bytes above which one more text message closes the link: a peer that makes us answer and never reads. Payload
 * and credit stay far below, and so do a few of the longest messages on a slow path.
 */
const MAX_UNSENT_BYTES_FOR_TEXT = 32 * 1024 * 1024;

/** While more than this is unsent only the latest ping is answered (RFC 6455 section 5.5.3), so pings cannot fill memory. */
const MAX_UNSENT_BYTES_FOR_PONG = 64 * 1024;

export interface WebSocketLinkClose {
  /** From the peer's close frame; 1005 when it named none, 1006 when there was none; ours after a fault of the peer. */
  readonly code: number;
  readonly reason: string;
  /** True when both sides sent a close frame. */
  readonly wasClean: boolean;
}

export interface WebSocketLinkHandler {
  /** One whole text message. */
  onText(text: string): void;
  /** Called once, last, also after `destroy`. */
  onClose(close: WebSocketLinkClose): void;
}

export interface WebSocketLinkOptions {
  /** Connected, after the handshake; owned by the link from now on. */
  readonly socket: ByteSocket;
  readonly role: "client" | "server";
  readonly maskWithZero: boolean;
  /** Longest text message. */
  readonly maxTextBytes: number;
  /** How long the peer may take to answer a close frame, and to let go of the socket. */
  readonly closeTimeoutMs: number;
  readonly handler: WebSocketLinkHandler;
}

/** `closing` is entered with our close frame: nothing but the peer's close frame matters any more. */
type LinkState = "open" | "closing" | "closed";

/**
 * A WebSocket (RFC 6455) on a raw socket after the handshake. Binary messages are an arbitrary chunking of one byte
 * stream, `binary`; text messages are delivered whole.
 *
 *   open --close(), close frame, fault--> closing --socket gone or deadline--> closed
 *     +-------------------- socket gone, destroy() --------------------------->+
 *
 * Order:  reading starts in the loop iteration after construction, so an owner that awaited the link has it in hand.
 */
export class WebSocketLink {
  readonly binary: ByteTransport;
  readonly #options: WebSocketLinkOptions;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #inbound = new BinaryInbound();
  #state: LinkState = "open";
  #outcome: WebSocketLinkClose = { code: CLOSE_CODE.abnormal, reason: "", wasClean: false };
  #deadline: NodeJS.Timeout | undefined;
  #owedPong: Uint8Array | null = null;
  #lastReceivedAt = performance.now();

  constructor(options: WebSocketLinkOptions) {
    this.#options = options;
    this.#writer = new FrameWriter(options);
    this.#reader = new FrameReader({
      role: options.role,
      maxTextBytes: options.maxTextBytes,
      sink: {
        onBinary: (chunk) => this.#onBinary(chunk),
        onText: (text) => this.#onText(text),
        onPing: (payload) => this.#onPing(payload),
        onCloseFrame: (code, reason) => this.#onCloseFrame(code, reason),
        onFault: (code, message) => this.#onFault(code, message),
      },
    });
    this.binary = this.#createTransport();
    setImmediate(() => this.#start());
  }

  /** When the last byte arrived, monotonic milliseconds (`performance.now()`): how an owner finds a half-open link. */
  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  /** Bound of one text message, bytes; may be changed, for owners that allow more once they know the peer. */
  get maxTextBytes(): number {
    return this.#reader.maxTextBytes;
  }

  set maxTextBytes(bytes: number) {
    this.#reader.maxTextBytes = bytes;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get remoteAddress(): string | undefined {
    return this.#options.socket.remoteAddress;
  }

  /**
   * A peer that leaves far more unread than data and credit can ever amount to is closed.
   *
   * @returns false when the link's bound of unsent bytes is passed, or it is not open and nothing was sent.
   */
  sendText(text: string): boolean {
    if (this.#state !== "open") return false;
    if (this.#options.socket.unsentBytes > MAX_UNSENT_BYTES_FOR_TEXT) {
      this.#onFault(CLOSE_CODE.policyViolation, "too many messages are unread");
      return false;
    }
    return this.#writer.writeFrame(OPCODE.text, Buffer.from(text, "utf8"));
  }

  /** Asks the peer for a pong; its arrival shows in `lastReceivedAt`. */
  sendPing(): void {
    if (this.#state === "open") this.#writer.writeFrame(OPCODE.ping, new Uint8Array(0));
  }

  /**
   * Starts the close handshake; the peer has `closeTimeoutMs` for its part. Idempotent.
   *
   * @param reason cut to the 123 bytes that a close frame holds.
   */
  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#sendClose(code, reason);
  }

  /** Drops the socket at once. Idempotent. */
  destroy(): void {
    this.#reader.stop();
    this.#options.socket.destroy();
  }

  #start(): void {
    this.#options.socket.bind({
      borrows: true,
      onData: (chunk) => this.#onData(chunk),
      onEnd: () => this.#onEnd(),
      onDrain: () => this.#onDrain(),
      onClose: () => this.#finish(),
    });
  }

  #createTransport(): ByteTransport {
    const socket = this.#options.socket;
    return {
      bind: (receiver) => this.#inbound.bind(receiver),
      write: (header, payload) =>
        this.#state === "open" ? this.#writer.writeBinary(header, payload) : true,
      cork: () => socket.cork(),
      uncork: () => socket.uncork(),
      get bufferedBytes() {
        return socket.unsentBytes;
      },
      close: () => this.close(CLOSE_CODE.normal, ""),
    };
  }

  #onData(chunk: Uint8Array): void {
    this.#lastReceivedAt = performance.now();
    // What one read makes us say (credit, answers, the frames that credit sets free) goes out with one call.
    this.#options.socket.cork();
    this.#reader.read(chunk);
    this.#inbound.endBatch();
    this.#options.socket.uncork();
  }

  #onBinary(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    if (!this.#inbound.push(chunk)) {
      this.#onFault(CLOSE_CODE.policyViolation, "too many binary bytes before they were asked for");
    }
  }

  #onText(text: string): void {
    if (this.#state === "open") this.#options.handler.onText(text);
  }

  #onPing(payload: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#options.socket.unsentBytes > MAX_UNSENT_BYTES_FOR_PONG) this.#owedPong = payload;
    else this.#writer.writeFrame(OPCODE.pong, payload);
  }

  #onDrain(): void {
    if (this.#owedPong !== null && this.#state === "open") {
      this.#writer.writeFrame(OPCODE.pong, this.#owedPong);
    }
    this.#owedPong = null;
    this.#inbound.receiver?.onDrain();
  }

  #onCloseFrame(code: number, reason: string): void {
    this.#outcome = { code, reason, wasClean: true };
    if (this.#state === "open") this.#sendClose(code === CLOSE_CODE.noStatus ? null : code, "");
    // The server lets go first, so that the TIME_WAIT is its own (RFC 6455 section 7.1.1).
    if (this.#options.role === "server") this.#options.socket.end();
  }

  #onFault(code: number, message: string): void {
    this.#reader.stop();
    if (this.#state !== "open") {
      this.#options.socket.destroy();
      return;
    }
    this.#outcome = { code, reason: message, wasClean: false };
    this.#sendClose(code, message);
    this.#options.socket.end();
  }

  #sendClose(code: number | null, reason: string): void {
    this.#state = "closing";
    this.#writer.writeFrame(OPCODE.close, encodeClosePayload(code, reason));
    this.#deadline = setTimeout(() => this.destroy(), this.#options.closeTimeoutMs);
  }

  #onEnd(): void {
    // A half-open WebSocket is of no use: let go of our side too, and the socket closes.
    this.#options.socket.end();
    this.#deadline ??= setTimeout(() => this.destroy(), this.#options.closeTimeoutMs);
  }

  #finish(): void {
    clearTimeout(this.#deadline);
    this.#reader.stop();
    this.#state = "closed";
    this.#inbound.close(this.#outcome.reason || `WebSocket closed with ${this.#outcome.code}`);
    this.#options.handler.onClose(this.#outcome);
  }
}

/** Where binary payload goes: to the receiver, or into a bounded queue until there is one. */
class BinaryInbound {
  receiver: ByteReceiver | null = null;
  #isDelivering = false;
  readonly #early = new PackedBytes();
  #earlyBytes = 0;
  #hasBatch = false;
  #closeReason: string | null = null;

  bind(receiver: ByteReceiver): void {
    this.receiver = receiver;
    // Not during the call: the receiver's constructor may be what is binding.
    queueMicrotask(() => this.#deliverEarly());
  }

  /** @returns false when there is no receiver yet and no room. */
  push(chunk: Uint8Array): boolean {
    if (this.#isDelivering) {
      this.#hasBatch = true;
      this.receiver?.onData(chunk);
      return true;
    }
    this.#earlyBytes += chunk.byteLength;
    if (this.#earlyBytes > MAX_EARLY_BINARY_BYTES) return false;
    this.#early.push(chunk);
    return true;
  }

  endBatch(): void {
    if (!this.#hasBatch) return;
    this.#hasBatch = false;
    this.receiver?.onBatchEnd();
  }

  close(reason: string): void {
    this.#closeReason = reason;
    if (this.#isDelivering) this.receiver?.onClose(reason);
  }

  #deliverEarly(): void {
    this.#isDelivering = true;
    const hasEarly = !this.#early.isEmpty;
    for (let chunk = this.#early.shift(); chunk !== undefined; chunk = this.#early.shift()) {
      this.receiver?.onData(chunk);
    }
    if (hasEarly) this.receiver?.onBatchEnd();
    if (this.#closeReason !== null) this.receiver?.onClose(this.#closeReason);
  }
}

function encodeClosePayload(code: number | null, reason: string): Uint8Array {
  if (code === null) return new Uint8Array(0);
  const payload = Buffer.alloc(MAX_CONTROL_PAYLOAD_BYTES);
  payload.writeUInt16BE(code, 0);
  // `write` never splits a character, so a reason that is cut stays UTF-8.
  const reasonBytes = payload.write(reason, 2, "utf8");
  return payload.subarray(0, 2 + reasonBytes);
}
