import { decodeHeader, FRAME, HEADER_BYTES, type FrameHeader } from "./frame-header.ts";

/** Who acts on frames as they come in. */
export interface FrameTarget {
  /**
   * One frame begins.
   *
   * @param header valid during the call only.
   * @returns whether the payload of this data frame is wanted; what is not wanted is skipped without being kept.
   * @throws ProtocolError when the declared length is not allowed: before a byte of it is looked at.
   */
  onFrame(header: FrameHeader): boolean;
  /** @param chunk a view into the bytes given to `push`. */
  onPayload(chunk: Uint8Array): void;
  /** The last byte of a wanted payload has been handed over. Follows `onFrame` at once when it is empty. */
  onPayloadEnd(): void;
}

/**
 * Turns an arbitrarily chunked byte stream into frames without reassembling any: payload goes on as slices of what
 * arrived, and at most one header is ever held back.
 *
 * Order:  `push` is not re-entrant. After `stop`, or after it threw, everything is ignored.
 */
export class FrameReader {
  readonly #target: FrameTarget;
  readonly #header: FrameHeader = { type: 0, flags: 0, streamId: 0, length: 0 };
  readonly #partial = new Uint8Array(HEADER_BYTES);
  #partialBytes = 0;
  #payloadBytesLeft = 0;
  #isWanted = false;
  #isStopped = false;

  constructor(target: FrameTarget) {
    this.#target = target;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** @throws ProtocolError session-scoped, from the header or from the target. */
  push(chunk: Uint8Array): void {
    const end = chunk.byteLength;
    let at = 0;
    while (at < end && !this.#isStopped) {
      at =
        this.#payloadBytesLeft > 0
          ? this.#passPayload(chunk, at, end)
          : this.#readHeader(chunk, at, end);
    }
  }

  #passPayload(chunk: Uint8Array, at: number, end: number): number {
    const bytes = Math.min(this.#payloadBytesLeft, end - at);
    this.#payloadBytesLeft -= bytes;
    if (this.#isWanted) {
      this.#target.onPayload(bytes === end ? chunk : chunk.subarray(at, at + bytes));
      if (this.#payloadBytesLeft === 0) this.#target.onPayloadEnd();
    }
    return at + bytes;
  }

  #readHeader(chunk: Uint8Array, at: number, end: number): number {
    if (this.#partialBytes === 0 && end - at >= HEADER_BYTES) {
      this.#begin(chunk, at);
      return at + HEADER_BYTES;
    }
    const bytes = Math.min(HEADER_BYTES - this.#partialBytes, end - at);
    this.#partial.set(chunk.subarray(at, at + bytes), this.#partialBytes);
    this.#partialBytes += bytes;
    if (this.#partialBytes === HEADER_BYTES) {
      this.#partialBytes = 0;
      this.#begin(this.#partial, 0);
    }
    return at + bytes;
  }

  #begin(bytes: Uint8Array, at: number): void {
    try {
      decodeHeader(bytes, at, this.#header);
      const isData = this.#header.type === FRAME.data;
      const payloadBytes = isData ? this.#header.length : 0;
      this.#isWanted = this.#target.onFrame(this.#header) && isData;
      this.#payloadBytesLeft = payloadBytes;
    } catch (error) {
      this.#isStopped = true;
      throw error;
    }
    if (this.#isWanted && this.#payloadBytesLeft === 0) this.#target.onPayloadEnd();
  }
}
