import { CLOSE_CODE } from "#mux/transport/websocket/close-code.ts";
import {
  decodeFrameHeader,
  type FrameHeader,
  headerByteLength,
  MAX_HEADER_BYTES,
  OPCODE,
} from "#mux/transport/websocket/frame-header.ts";
import type { Clock } from "#server/lib/clock.ts";
import { DebtBucket } from "./debt-bucket.ts";

export interface MessageLimits {
  /** Of one message's payload as it is on the wire, compressed where it is. */
  readonly messageBytesMax: number;
  /** On the long run; one second's worth may come at once. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface MessageFault {
  /** What to close both sides with. */
  readonly code: number;
  readonly reason: string;
  /** How many bytes of the chunk come before the frame at fault, and may still be passed on. */
  readonly passBytes: number;
}

/** A frame costs as if it had at least so many bytes, or a flood of empty ones would be free. A choice. */
const FRAME_BYTES_MIN = 64;

/**
 * Watches one direction of a WebSocket whose frames go through untouched: counts messages and finds the first one that
 * is over a limit. Looks at frame headers alone, so that a chunk costs what its frames are, not its bytes. Whether the
 * frames make sense otherwise is for the two ends to judge.
 *
 * Source: RFC 6455 section 5.2.
 */
export class MessageWatch {
  readonly #limits: MessageLimits;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #messages: DebtBucket;
  readonly #bytes: DebtBucket;
  readonly #header = new HeaderGatherer();
  /** Of the frame at hand, still to come. */
  #payloadBytesLeft = 0;
  /** It is the last of its message. */
  #isLastFrame = false;
  #isWithinMessage = false;
  #messageBytes = 0;
  #messageCount = 0;
  #fault: MessageFault | null = null;

  constructor(limits: MessageLimits, clock: Pick<Clock, "monotonicMs">) {
    this.#limits = limits;
    this.#clock = clock;
    const now = clock.monotonicMs();
    this.#messages = new DebtBucket(limits.messagesPerSecond, now);
    this.#bytes = new DebtBucket(limits.bytesPerSecond, now);
  }

  /** Whole text and binary messages so far. */
  get messages(): number {
    return this.#messageCount;
  }

  /** What was passed on so far ends with a whole frame, so that one of ours can follow. */
  get isBetweenFrames(): boolean {
    return this.#payloadBytesLeft === 0 && this.#header.isEmpty;
  }

  /** Payload of the message at hand, as far as its frames have been announced; 0 between messages. */
  get messageBytes(): number {
    return this.#isWithinMessage ? this.#messageBytes : 0;
  }

  /**
   * @param chunk the bytes that came next, however they were cut; not kept.
   * @returns the fault, once there is one the same for ever, with nothing more to pass on.
   */
  push(chunk: Uint8Array): MessageFault | null {
    if (this.#fault !== null) return { ...this.#fault, passBytes: 0 };
    const now = this.#clock.monotonicMs();
    let offset = 0;
    while (offset < chunk.byteLength) {
      if (this.#payloadBytesLeft > 0) {
        const byteCount = Math.min(this.#payloadBytesLeft, chunk.byteLength - offset);
        this.#payloadBytesLeft -= byteCount;
        offset += byteCount;
      } else {
        const start = offset;
        offset = this.#header.read(chunk, offset);
        const frame = this.#header.frame;
        if (frame === null) break;
        const broken = this.#judge(frame, now);
        if (broken !== null) return this.#fail(broken, start);
        this.#header.clear();
        this.#payloadBytesLeft = frame.payloadBytes;
      }
      if (this.#payloadBytesLeft === 0 && this.#isLastFrame) this.#endMessage();
    }
    return null;
  }

  /** @returns code and reason when the frame is one too many. */
  #judge(frame: FrameHeader, now: number): readonly [number, string] | null {
    const { opcode, isFinal, payloadBytes } = frame;
    if (opcode < OPCODE.close) {
      if (!this.#isWithinMessage) {
        if (!this.#messages.take(1, now)) return [CLOSE_CODE.policyViolation, "too many messages"];
        this.#messageBytes = 0;
      }
      this.#isWithinMessage = true;
      this.#isLastFrame = isFinal;
      this.#messageBytes += payloadBytes;
      if (this.#messageBytes > this.#limits.messageBytesMax) {
        return [CLOSE_CODE.messageTooBig, "message too big"];
      }
    }
    const cost = Math.max(FRAME_BYTES_MIN, payloadBytes);
    return this.#bytes.take(cost, now) ? null : [CLOSE_CODE.policyViolation, "too many bytes"];
  }

  /** @param start where in the chunk the frame at fault begins, or goes on from chunks before. */
  #fail([code, reason]: readonly [number, string], start: number): MessageFault {
    // A header of which nothing came before is not passed on at all.
    if (this.#header.byteCountBefore === 0) this.#header.clear();
    this.#fault = { code, reason, passBytes: start };
    return this.#fault;
  }

  #endMessage(): void {
    this.#messageCount += 1;
    this.#isLastFrame = false;
    this.#isWithinMessage = false;
  }
}

/** Puts a frame header together, which may be spread over chunks. */
class HeaderGatherer {
  readonly #bytes = new Uint8Array(MAX_HEADER_BYTES);
  #byteCount = 0;
  #byteCountBefore = 0;

  /** Nothing of a header has come yet. */
  get isEmpty(): boolean {
    return this.#byteCount === 0;
  }

  /** How much of it had come before the last `read`. */
  get byteCountBefore(): number {
    return this.#byteCountBefore;
  }

  /** Null while it is not whole. */
  get frame(): FrameHeader | null {
    return this.#isWhole() ? decodeFrameHeader(this.#bytes, 0) : null;
  }

  /** @returns where the header ends in the chunk, or the chunk itself. */
  read(chunk: Uint8Array, start: number): number {
    this.#byteCountBefore = this.#byteCount;
    let offset = start;
    while (offset < chunk.byteLength && !this.#isWhole()) {
      this.#bytes[this.#byteCount] = chunk[offset] ?? 0;
      this.#byteCount += 1;
      offset += 1;
    }
    return offset;
  }

  clear(): void {
    this.#byteCount = 0;
  }

  #isWhole(): boolean {
    return this.#byteCount >= 2 && this.#byteCount === headerByteLength(this.#bytes[1] ?? 0);
  }
}
