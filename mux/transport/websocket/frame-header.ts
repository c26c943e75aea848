/** RFC 6455 section 5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export const MAX_CONTROL_PAYLOAD_BYTES = 125;

/** First two bytes, 8 bytes of length, 4 of mask key. */
export const MAX_HEADER_BYTES = 14;

export interface FrameHeader {
  readonly isFinal: boolean;
  readonly reservedBits: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  /** Above 2^53 it is `Infinity`: nobody means such a length. */
  readonly payloadBytes: number;
  /** The key's four bytes, first on the wire first; 0 when there is none. */
  readonly maskKey: number;
}

/** Length of a whole header, known from its second byte. */
export function headerByteLength(secondByte: number): number {
  const length = secondByte & 0x7f;
  const lengthBytes = length === 127 ? 8 : length === 126 ? 2 : 0;
  return 2 + lengthBytes + ((secondByte & 0x80) === 0 ? 0 : 4);
}

/**
 * Reads a header; judges nothing.
 *
 * @param bytes at least `headerByteLength` of them from `offset` on.
 */
export function decodeFrameHeader(bytes: Uint8Array, offset: number): FrameHeader {
  const first = bytes[offset] ?? 0;
  const second = bytes[offset + 1] ?? 0;
  const isMasked = (second & 0x80) !== 0;
  const shortLength = second & 0x7f;
  let payloadBytes = shortLength;
  let at = offset + 2;
  if (shortLength === 126) {
    payloadBytes = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    at += 2;
  } else if (shortLength === 127) {
    payloadBytes = readU32(bytes, at) * 0x1_0000_0000 + readU32(bytes, at + 4);
    if (payloadBytes > Number.MAX_SAFE_INTEGER) payloadBytes = Infinity;
    at += 8;
  }
  return {
    isFinal: (first & 0x80) !== 0,
    reservedBits: first & 0x70,
    opcode: first & 0x0f,
    isMasked,
    payloadBytes,
    maskKey: isMasked ? readU32(bytes, at) : 0,
  };
}

/** Bytes that a header for this payload takes. */
export function frameHeaderBytes(payloadBytes: number, isMasked: boolean): number {
  const lengthBytes = payloadBytes > 0xffff ? 8 : payloadBytes > 125 ? 2 : 0;
  return 2 + lengthBytes + (isMasked ? 4 : 0);
}

export interface FrameHeaderToWrite {
  readonly opcode: number;
  readonly payloadBytes: number;
  /** Null sends the frame unmasked. */
  readonly maskKey: number | null;
}

/**
 * Writes the header of an unfragmented frame at the start of `target`.
 *
 * @returns how many bytes it took, the same as `frameHeaderBytes`.
 */
export function encodeFrameHeader(target: Uint8Array, header: FrameHeaderToWrite): number {
  const { payloadBytes, maskKey } = header;
  const maskBit = maskKey === null ? 0 : 0x80;
  target[0] = 0x80 | header.opcode;
  let at = 2;
  if (payloadBytes <= 125) {
    target[1] = maskBit | payloadBytes;
  } else if (payloadBytes <= 0xffff) {
    target[1] = maskBit | 126;
    target[2] = payloadBytes >>> 8;
    target[3] = payloadBytes & 0xff;
    at = 4;
  } else {
    target[1] = maskBit | 127;
    writeU32(target, 2, Math.floor(payloadBytes / 0x1_0000_0000));
    writeU32(target, 6, payloadBytes >>> 0);
    at = 10;
  }
  if (maskKey === null) return at;
  writeU32(target, at, maskKey);
  return at + 4;
}

function readU32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 0xff;
  bytes[at + 2] = (value >>> 8) & 0xff;
  bytes[at + 3] = value & 0xff;
}
