import { randomBytes } from "node:crypto";
import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { encodeFrameHeader, frameHeaderBytes, OPCODE } from "./frame-header.ts";
import { applyMask } from "./masking.ts";

/** Up to this payload one copied buffer is cheaper than a vectored write of two. */
const COPY_UP_TO_BYTES = 4 * 1024;

/** Mask keys are drawn from the system in lots of this many bytes. */
const KEY_POOL_BYTES = 4 * 1024;

export interface FrameWriterOptions {
  readonly socket: ByteSocket;
  /** A client masks. */
  readonly role: "client" | "server";
  /** Masks with the key zero, so that nothing need be copied: for TLS and loopback, where no intermediary can be misled. */
  readonly maskWithZero: boolean;
}

/** Writes unfragmented RFC 6455 frames onto a socket. */
export class FrameWriter {
  readonly #socket: ByteSocket;
  readonly #isMasked: boolean;
  readonly #maskWithZero: boolean;
  #keys: Buffer = Buffer.alloc(0);
  #keyAt = 0;

  constructor(options: FrameWriterOptions) {
    this.#socket = options.socket;
    this.#isMasked = options.role === "client";
    this.#maskWithZero = options.maskWithZero;
  }

  /**
   * Sends one binary message made of a small head and a payload. Unless a real mask is due the payload goes out as it
   * is, beside one small buffer with both headers.
   */
  writeBinary(head: Uint8Array, payload?: Uint8Array): boolean {
    const payloadBytes = payload?.byteLength ?? 0;
    const messageBytes = head.byteLength + payloadBytes;
    const key = this.#nextKey();
    const headerBytes = frameHeaderBytes(messageBytes, this.#isMasked);
    const isWhole = payloadBytes <= COPY_UP_TO_BYTES || (key !== null && key !== 0);
    const first = Buffer.allocUnsafe(headerBytes + (isWhole ? messageBytes : head.byteLength));
    encodeFrameHeader(first, { opcode: OPCODE.binary, payloadBytes: messageBytes, maskKey: key });
    first.set(head, headerBytes);
    if (payload === undefined || isWhole) {
      if (payload !== undefined) first.set(payload, headerBytes + head.byteLength);
      if (key !== null && key !== 0) applyMask(first.subarray(headerBytes), key, 0);
      return this.#socket.write(first);
    }
    this.#socket.cork();
    this.#socket.write(first);
    this.#socket.write(payload);
    this.#socket.uncork();
    return this.#socket.hasRoom;
  }

  /** Sends one frame of any other kind; small, so it is copied. */
  writeFrame(opcode: number, payload: Uint8Array): boolean {
    const key = this.#nextKey();
    const headerBytes = frameHeaderBytes(payload.byteLength, this.#isMasked);
    const frame = Buffer.allocUnsafe(headerBytes + payload.byteLength);
    encodeFrameHeader(frame, { opcode, payloadBytes: payload.byteLength, maskKey: key });
    frame.set(payload, headerBytes);
    if (key !== null) applyMask(frame.subarray(headerBytes), key, 0);
    return this.#socket.write(frame);
  }

  #nextKey(): number | null {
    if (!this.#isMasked) return null;
    if (this.#maskWithZero) return 0;
    if (this.#keyAt + 4 > this.#keys.byteLength) {
      this.#keys = randomBytes(KEY_POOL_BYTES);
      this.#keyAt = 0;
    }
    const key = this.#keys.readUInt32BE(this.#keyAt);
    this.#keyAt += 4;
    return key;
  }
}
