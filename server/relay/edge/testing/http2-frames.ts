import { encodeFields, type Field } from "./hpack.ts";

/** Frames of HTTP/2 by hand (RFC 9113), for what no library agrees to send. */

/** What a client says first (section 3.4). */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const HEADER_BYTES = 9;
/** The largest payload that every receiver takes. */
const PAYLOAD_MAX = 16_384;

export const TYPE = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4 } as const;

export interface Http2Request {
  readonly fields: readonly Field[];
  /** Of the body, a DATA frame each; null ends the stream with the fields. */
  readonly data: readonly string[] | null;
  readonly trailers?: readonly Field[];
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
  /** With its header. */
  readonly byteLength: number;
}

export function encodeFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(payload.byteLength, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

/** @returns null while the first frame is not whole. */
export function readFrame(bytes: Buffer): Frame | null {
  if (bytes.byteLength < HEADER_BYTES) return null;
  const byteLength = HEADER_BYTES + bytes.readUIntBE(0, 3);
  if (bytes.byteLength < byteLength) return null;
  const [type = 0, flags = 0] = bytes.subarray(3, 5);
  const streamId = bytes.readUInt32BE(5);
  return { type, flags, streamId, payload: bytes.subarray(HEADER_BYTES, byteLength), byteLength };
}

/** A whole connection with one request, its first stream. */
export function encodeConnection({ fields, data, trailers }: Http2Request): Buffer {
  const frames = [PREFACE, encodeFrame(TYPE.settings, 0, 0), encodeBlock(1, fields, data === null)];
  for (const [index, text] of (data ?? []).entries()) {
    const isLast = trailers === undefined && index + 1 === data?.length;
    const payload = Buffer.from(text, "latin1");
    frames.push(encodeFrame(TYPE.data, isLast ? FLAG.endStream : 0, 1, payload));
  }
  if (trailers !== undefined) frames.push(encodeBlock(1, trailers, true));
  return Buffer.concat(frames);
}

/** A block of fields: HEADERS, and CONTINUATION for what is too much for one frame. */
export function encodeBlock(streamId: number, fields: readonly Field[], isEnd: boolean): Buffer {
  const block = encodeFields(fields);
  const frames: Buffer[] = [];
  for (let at = 0; at < block.byteLength; at += PAYLOAD_MAX) {
    const payload = block.subarray(at, at + PAYLOAD_MAX);
    const endHeaders = at + PAYLOAD_MAX >= block.byteLength ? FLAG.endHeaders : 0;
    const endStream = at === 0 && isEnd ? FLAG.endStream : 0;
    const type = at === 0 ? TYPE.headers : TYPE.continuation;
    frames.push(encodeFrame(type, endHeaders | endStream, streamId, payload));
  }
  return Buffer.concat(frames);
}
