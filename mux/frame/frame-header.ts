import { ProtocolError } from "./protocol-error.ts";

/** Flag bits of a frame header. */
export const FLAG = { syn: 1, ack: 2, fin: 4, rst: 8 } as const;

interface FrameSpec {
  readonly code: number;
  /** Session frames carry stream id 0; stream frames never do. */
  readonly scope: "session" | "stream";
  /** Flag bits that the frame may carry. */
  readonly flags: number;
  /** What the header's last field means. Only data frames are followed by payload. */
  readonly length: "payload bytes" | "credit" | "opaque value" | "go-away code";
}

const ALL_FLAGS = FLAG.syn | FLAG.ack | FLAG.fin | FLAG.rst;

/** The whole wire vocabulary of yamux version 0. */
export const FRAME_TABLE = {
  data: { code: 0, scope: "stream", flags: ALL_FLAGS, length: "payload bytes" },
  windowUpdate: { code: 1, scope: "stream", flags: ALL_FLAGS, length: "credit" },
  ping: { code: 2, scope: "session", flags: FLAG.syn | FLAG.ack, length: "opaque value" },
  goAway: { code: 3, scope: "session", flags: 0, length: "go-away code" },
} as const satisfies Record<string, FrameSpec>;

export type FrameType = keyof typeof FRAME_TABLE;

/** The codes as numbers, for the hot path. */
export const FRAME = {
  data: FRAME_TABLE.data.code,
  windowUpdate: FRAME_TABLE.windowUpdate.code,
  ping: FRAME_TABLE.ping.code,
  goAway: FRAME_TABLE.goAway.code,
} as const;

export const GO_AWAY = { normal: 0, protocolError: 1, internalError: 2 } as const;

export const WIRE_VERSION = 0;
/** `version u8 | type u8 | flags u16 | stream id u32 | length u32`, all big-endian. */
export const HEADER_BYTES = 12;

const SPECS: readonly FrameSpec[] = Object.values(FRAME_TABLE);

/** A decoded header. Mutable because the reader reuses one object for every frame. */
export interface FrameHeader {
  type: number;
  flags: number;
  /** 0 for session frames, 1..2^32-1 for stream frames. */
  streamId: number;
  /** Payload bytes, credit, opaque value or go-away code, by type. */
  length: number;
}

/**
 * Writes one header into a fresh small buffer that the transport may keep.
 *
 * @throws RangeError when our own code built an impossible frame (a bug, not a peer's fault).
 */
export function encodeHeader(
  type: number,
  flags: number,
  streamId: number,
  length: number,
): Uint8Array {
  const spec = SPECS[type];
  if (spec === undefined || (flags & ~spec.flags) !== 0) {
    throw new RangeError(`no frame of type ${type} with flags ${flags}`);
  }
  if ((spec.scope === "session") !== (streamId === 0) || streamId > 0xffff_ffff) {
    throw new RangeError(`frame of type ${type} cannot carry stream id ${streamId}`);
  }
  if (!(length >= 0 && length <= 0xffff_ffff)) throw new RangeError(`length ${length}`);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = WIRE_VERSION;
  header[1] = type;
  header[2] = 0;
  header[3] = flags;
  writeU32(header, 4, streamId);
  writeU32(header, 8, length);
  return header;
}

/**
 * Parses the header at `offset` into `into`. Checks run cheapest first, and nothing is allocated.
 *
 * Order:  version → type → flags → stream id against the scope. Payload bounds need the stream, so its owner checks them.
 *
 * @param bytes  holds at least {@link HEADER_BYTES} from `offset`.
 * @throws ProtocolError always session-scoped: after a bad header, framing is untrustworthy.
 */
export function decodeHeader(bytes: Uint8Array, offset: number, into: FrameHeader): void {
  const version = bytes[offset];
  if (version !== WIRE_VERSION) {
    throw new ProtocolError("unsupported_version", `version ${version}`);
  }
  const type = bytes[offset + 1] ?? -1;
  const spec = SPECS[type];
  if (spec === undefined) throw new ProtocolError("unknown_frame_type", `type ${type}`);
  const flags = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
  if ((flags & ~spec.flags) !== 0) {
    throw new ProtocolError("malformed_frame", `type ${type} with flags ${flags}`);
  }
  const streamId = readU32(bytes, offset + 4);
  if ((spec.scope === "session") !== (streamId === 0)) {
    throw new ProtocolError("malformed_frame", `type ${type} with stream id ${streamId}`);
  }
  into.type = type;
  into.flags = flags;
  into.streamId = streamId;
  into.length = readU32(bytes, offset + 8);
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
