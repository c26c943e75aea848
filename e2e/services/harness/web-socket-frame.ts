import { createHash, randomBytes } from "node:crypto";

/** Frames of WebSocket by hand (RFC 6455), for those that no library agrees to send. */

/** Of a payload, what a transcript shows in full: that of every control frame. */
const SHOWN_BYTES = 125;

export interface FrameSketch {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** True by default. */
  readonly isFinal?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number;
}

export const OPCODE = { next: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as a client sends it, masked. */
export function encodeFrame(frame: FrameSketch): Buffer {
  const { opcode, payload = "", isFinal = true, reserved = 0 } = frame;
  const masked = Buffer.from(payload);
  const mask = randomBytes(4);
  for (let at = 0; at < masked.byteLength; at += 1) {
    masked[at] = (masked[at] ?? 0) ^ (mask[at & 3] ?? 0);
  }
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  return Buffer.concat([Buffer.from([first]), encodeSize(masked.byteLength), mask, masked]);
}

/** The shortest form, with the bit that says "masked". */
function encodeSize(size: number): Buffer {
  if (size < 126) return Buffer.from([0x80 | size]);
  if (size < 65_536) return Buffer.from([0x80 | 126, size >> 8, size & 0xff]);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(size), 1);
  return bytes;
}

export function closePayload(code: number, reason: Uint8Array | string = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

export interface ReceivedFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly reserved: number;
  readonly payload: Buffer;
}

export function decodeFrame(bytes: Buffer): ReceivedFrame {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  return {
    opcode: first & 0xf,
    isFinal: (first & 0x80) !== 0,
    reserved: (first >> 4) & 7,
    payload: bytes.subarray(headerBytes),
  };
}

/** A frame in a transcript; large payloads by their hash. */
export function describeFrame({
  opcode,
  isFinal = true,
  reserved = 0,
  payload = "",
}: FrameSketch): string {
  const bytes = Buffer.from(payload);
  const content =
    bytes.byteLength <= SHOWN_BYTES
      ? bytes.toString("hex")
      : createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return `${opcode}${isFinal ? "" : "-"} rsv${reserved} ${bytes.byteLength}: ${content}`;
}
