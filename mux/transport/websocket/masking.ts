/** Below this the set-up of a word-wise view costs more than it saves. */
const WORDWISE_FROM_BYTES = 48;

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Masks or unmasks in place (RFC 6455 section 5.3); the same call does both. A zero key leaves everything as it is.
 *
 * @param key the four bytes of the key, first on the wire most significant.
 * @param phase how many bytes of the frame's payload came before these.
 */
export function applyMask(bytes: Uint8Array, key: number, phase: number): void {
  if (key === 0) return;
  if (bytes.byteLength < WORDWISE_FROM_BYTES) {
    maskBytes(bytes, key, phase, { from: 0, to: bytes.byteLength });
    return;
  }
  const lead = (4 - (bytes.byteOffset & 3)) & 3;
  const wordCount = (bytes.byteLength - lead) >>> 2;
  maskBytes(bytes, key, phase, { from: 0, to: lead });
  const word = wordKey(key, phase + lead);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, wordCount);
  for (let index = 0; index < wordCount; index += 1) words[index] = (words[index] ?? 0) ^ word;
  maskBytes(bytes, key, phase, { from: lead + wordCount * 4, to: bytes.byteLength });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function maskBytes(bytes: Uint8Array, key: number, phase: number, span: Span): void {
  for (let index = span.from; index < span.to; index += 1) {
    bytes[index] = (bytes[index] ?? 0) ^ keyByte(key, phase + index);
  }
}

function keyByte(key: number, position: number): number {
  return (key >>> (24 - 8 * (position & 3))) & 0xff;
}

/** The key as one machine word, turned so that it fits the bytes from `position` on. */
function wordKey(key: number, position: number): number {
  const [a, b, c, d] = [0, 1, 2, 3].map((index) => keyByte(key, position + index)) as [
    number,
    number,
    number,
    number,
  ];
  return IS_LITTLE_ENDIAN
    ? a | (b << 8) | (c << 16) | (d << 24)
    : d | (c << 8) | (b << 16) | (a << 24);
}
