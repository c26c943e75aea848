import { isUtf8 } from "node:buffer";
import { CLOSE_CODE, isValidCloseCode } from "./close-code.ts";
import {
  decodeFrameHeader,
  type FrameHeader,
  headerByteLength,
  MAX_CONTROL_PAYLOAD_BYTES,
  MAX_HEADER_BYTES,
  OPCODE,
} from "./frame-header.ts";
import { applyMask } from "./masking.ts";

/** What a reader found, in the order of the wire. */
export interface FrameReaderSink {
  /** Payload of binary messages as it arrives: message and frame boundaries are not kept. */
  onBinary(chunk: Uint8Array): void;
  onText(text: string): void;
  onPing(payload: Uint8Array): void;
  /** @param code `noStatus` when the frame was empty. */
  onCloseFrame(code: number, reason: string): void;
  /** The peer broke RFC 6455 or a bound. Nothing follows. @param code what to close with. */
  onFault(code: number, message: string): void;
}

export interface FrameReaderOptions {
  /** A server takes masked frames only, a client unmasked ones only. */
  readonly role: "client" | "server";
  /** Longest text message, bytes, summed over its fragments. */
  readonly maxTextBytes: number;
  readonly sink: FrameReaderSink;
}

/**
 * Reads RFC 6455 frames from an arbitrary chunking of them. Binary payload goes on as it arrives, unmasked in place;
 * text and control frames, which are bounded, are gathered whole. Lengths are judged before memory is spent.
 */
export class FrameReader {
  readonly #options: FrameReaderOptions;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerBytes = 0;
  #frame: FrameHeader | null = null;
  #frameBytesRead = 0;
  /** Opcode of the message whose fragments are arriving; `continuation` when there is none. */
  #message: number = OPCODE.continuation;
  #text = new Gatherer();
  #control = new Gatherer();
  #isStopped = false;
  #maxTextBytes: number;

  constructor(options: FrameReaderOptions) {
    this.#options = options;
    this.#maxTextBytes = options.maxTextBytes;
  }

  /** Longest text message; a change holds from the next frame on. */
  get maxTextBytes(): number {
    return this.#maxTextBytes;
  }

  set maxTextBytes(bytes: number) {
    this.#maxTextBytes = bytes;
  }

  /** @param chunk owned by the reader: masked payload is unmasked in place and views of it are handed on. */
  read(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.byteLength && !this.#isStopped) {
      if (this.#frame === null) {
        offset = this.#readHeader(chunk, offset);
        continue;
      }
      const byteCount = Math.min(
        this.#frame.payloadBytes - this.#frameBytesRead,
        chunk.byteLength - offset,
      );
      this.#readPayload(this.#frame, chunk.subarray(offset, offset + byteCount));
      offset += byteCount;
    }
  }

  /** Ignores everything from now on, also the rest of the chunk that is being read. */
  stop(): void {
    this.#isStopped = true;
    this.#text = new Gatherer();
  }

  #readHeader(chunk: Uint8Array, start: number): number {
    const secondByte = this.#headerBytes === 0 ? chunk[start + 1] : undefined;
    if (secondByte !== undefined) {
      const end = start + headerByteLength(secondByte);
      if (end <= chunk.byteLength) {
        this.#beginFrame(decodeFrameHeader(chunk, start));
        return end;
      }
    }
    return this.#gatherHeader(chunk, start);
  }

  /** The slow way: the header is spread over two reads or more. */
  #gatherHeader(chunk: Uint8Array, start: number): number {
    let offset = start;
    while (offset < chunk.byteLength) {
      this.#header[this.#headerBytes] = chunk[offset] ?? 0;
      this.#headerBytes += 1;
      offset += 1;
      const isComplete =
        this.#headerBytes >= 2 && this.#headerBytes === headerByteLength(this.#header[1] ?? 0);
      if (isComplete) {
        this.#headerBytes = 0;
        this.#beginFrame(decodeFrameHeader(this.#header, 0));
        break;
      }
    }
    return offset;
  }

  #beginFrame(frame: FrameHeader): void {
    const fault = this.#judge(frame);
    if (fault !== null) {
      this.#fail(fault[0], fault[1]);
      return;
    }
    this.#frame = frame;
    this.#frameBytesRead = 0;
    if (frame.opcode === OPCODE.text || frame.opcode === OPCODE.binary)
      this.#message = frame.opcode;
    if (frame.payloadBytes === 0) this.#endFrame(frame);
  }

  /** @returns close code and message when the frame may not stand here. */
  #judge(frame: FrameHeader): readonly [number, string] | null {
    if (frame.reservedBits !== 0) return [CLOSE_CODE.protocolError, "reserved bits are set"];
    if (frame.isMasked !== (this.#options.role === "server")) {
      return [CLOSE_CODE.protocolError, frame.isMasked ? "masked frame" : "unmasked frame"];
    }
    if (frame.opcode >= OPCODE.close) return judgeControl(frame);
    if (frame.opcode > OPCODE.binary) return [CLOSE_CODE.protocolError, "unknown opcode"];
    const isContinued = this.#message !== OPCODE.continuation;
    if (isContinued !== (frame.opcode === OPCODE.continuation)) {
      return [CLOSE_CODE.protocolError, "fragments out of order"];
    }
    if (frame.payloadBytes === Infinity) return [CLOSE_CODE.messageTooBig, "absurd frame length"];
    const isText = (isContinued ? this.#message : frame.opcode) === OPCODE.text;
    if (isText && this.#text.byteLength + frame.payloadBytes > this.#maxTextBytes) {
      return [CLOSE_CODE.messageTooBig, "text message too long"];
    }
    return null;
  }

  #readPayload(frame: FrameHeader, payload: Uint8Array): void {
    applyMask(payload, frame.maskKey, this.#frameBytesRead);
    this.#frameBytesRead += payload.byteLength;
    if (frame.opcode >= OPCODE.close) this.#control.add(payload);
    else if (this.#message === OPCODE.text) this.#text.add(payload);
    else this.#options.sink.onBinary(payload);
    if (this.#frameBytesRead === frame.payloadBytes) this.#endFrame(frame);
  }

  #endFrame(frame: FrameHeader): void {
    this.#frame = null;
    if (this.#isStopped) return;
    if (frame.opcode >= OPCODE.close) {
      this.#endControl(frame.opcode, this.#control.takeAll());
      return;
    }
    if (!frame.isFinal) return;
    const message = this.#message;
    this.#message = OPCODE.continuation;
    if (message !== OPCODE.text) return;
    const bytes = this.#text.takeAll();
    if (!isUtf8(bytes)) this.#fail(CLOSE_CODE.invalidText, "text is not UTF-8");
    else this.#options.sink.onText(bytes.toString("utf8"));
  }

  #endControl(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#options.sink.onPing(payload);
    if (opcode !== OPCODE.close) return;
    if (payload.byteLength === 0) {
      this.stop();
      this.#options.sink.onCloseFrame(CLOSE_CODE.noStatus, "");
      return;
    }
    const code = payload.byteLength === 1 ? 0 : payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (!isValidCloseCode(code)) this.#fail(CLOSE_CODE.protocolError, "invalid close code");
    else if (!isUtf8(reason)) this.#fail(CLOSE_CODE.invalidText, "close reason is not UTF-8");
    else {
      this.stop();
      this.#options.sink.onCloseFrame(code, reason.toString("utf8"));
    }
  }

  #fail(code: number, message: string): void {
    this.stop();
    this.#options.sink.onFault(code, message);
  }
}

function judgeControl(frame: FrameHeader): readonly [number, string] | null {
  if (frame.opcode > OPCODE.pong) return [CLOSE_CODE.protocolError, "unknown opcode"];
  if (!frame.isFinal) return [CLOSE_CODE.protocolError, "fragmented control frame"];
  if (frame.payloadBytes > MAX_CONTROL_PAYLOAD_BYTES) {
    return [CLOSE_CODE.protocolError, "control frame too long"];
  }
  return null;
}

/** Collects the parts of something whose length was judged before; copies, so that a tiny part pins no large read. */
class Gatherer {
  byteLength = 0;
  #bytes: Buffer = Buffer.alloc(0);

  add(part: Uint8Array): void {
    const needed = this.byteLength + part.byteLength;
    if (needed > this.#bytes.byteLength) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.byteLength));
      this.#bytes.copy(grown, 0, 0, this.byteLength);
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.byteLength);
    this.byteLength = needed;
  }

  takeAll(): Buffer {
    const all = this.#bytes.subarray(0, this.byteLength);
    this.#bytes = Buffer.alloc(0);
    this.byteLength = 0;
    return all;
  }
}
