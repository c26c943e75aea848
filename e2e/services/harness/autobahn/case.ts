import { closePayload, encodeFrame, OPCODE, type FrameSketch } from "../web-socket-frame.ts";

/** One case of Autobahn's list, as a client plays it against an echo server. */
export interface AutobahnCase {
  /** The suite's own number. */
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
  /** What an echo server that knows the protocol does; null where the list leaves it open. */
  readonly expected: Expected | null;
  /** Offered in the handshake. */
  readonly extensions?: string;
}

export interface Expected {
  /** Frames before the close frame, as they come: data frames are whole messages. */
  readonly frames: readonly FrameSketch[];
  /** Codes one of which the close frame has; null for one without. */
  readonly close: readonly (number | null)[];
}

export type Step =
  | { readonly kind: "send"; readonly bytes: Buffer; readonly chopBytes: number }
  /** Until so many frames have come altogether. */
  | { readonly kind: "frames"; readonly count: number };

export const NORMAL = 1000;
export const PROTOCOL_ERROR = 1002;
export const INVALID_PAYLOAD = 1007;
export const TOO_BIG = 1009;

export const HELLO = "Hello, world!";
/** A Greek word with five characters of several bytes each. */
export const KOSME = Buffer.from("cebae1bdb9cf83cebcceb5", "hex");
/** Not valid: half of a pair of UTF-16, in the middle. */
export const SURROGATE = Buffer.concat([KOSME, Buffer.from("eda080656469746564", "hex")]);

export const text = (
  payload: Uint8Array | string,
  over: Partial<FrameSketch> = {},
): FrameSketch => ({
  opcode: OPCODE.text,
  payload,
  ...over,
});
export const binary = (payload: Uint8Array | string): FrameSketch => ({
  opcode: OPCODE.binary,
  payload,
});
export const ping = (payload: Uint8Array | string = ""): FrameSketch => ({
  opcode: OPCODE.ping,
  payload,
});
export const pong = (payload: Uint8Array | string = ""): FrameSketch => ({
  opcode: OPCODE.pong,
  payload,
});
export const next = (payload: Uint8Array | string, isFinal = true): FrameSketch => ({
  opcode: OPCODE.next,
  payload,
  isFinal,
});
export const close = (code = NORMAL, reason: Uint8Array | string = ""): FrameSketch => ({
  opcode: OPCODE.close,
  payload: closePayload(code, reason),
});

/** A message in several frames. */
export function fragmented(
  opcode: number,
  parts: readonly (Uint8Array | string)[],
): readonly FrameSketch[] {
  return parts.map((payload, index) => ({
    opcode: index === 0 ? opcode : OPCODE.next,
    payload,
    isFinal: index === parts.length - 1,
  }));
}

/** Cuts a payload into pieces of so many bytes. */
export function cut(payload: Buffer, bytes: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.byteLength; at += bytes)
    parts.push(payload.subarray(at, at + bytes));
  return parts;
}

/** How frames go out: all in one piece, a piece each, or octet by octet. */
export type Chops = "together" | "frames" | number;

export function send(frames: readonly FrameSketch[], chops: Chops = "together"): Step[] {
  const encoded = frames.map(encodeFrame);
  if (chops === "frames") return encoded.map((bytes) => ({ kind: "send", bytes, chopBytes: 0 }));
  const chopBytes = chops === "together" ? 0 : chops;
  return [{ kind: "send", bytes: Buffer.concat(encoded), chopBytes }];
}

interface Sketch {
  readonly id: string;
  readonly title: string;
  readonly frames: readonly FrameSketch[];
  readonly chops?: Chops;
}

/** Everything is in order: the echoes come, and we close. */
export function echoed(sketch: Sketch, echoes: readonly FrameSketch[]): AutobahnCase {
  const { id, title, frames, chops } = sketch;
  return {
    id,
    title,
    steps: [...send(frames, chops), { kind: "frames", count: echoes.length }, ...send([close()])],
    expected: { frames: echoes, close: [NORMAL] },
  };
}

/** The server must fail the connection, after echoes of what was in order. */
export function failed(
  sketch: Sketch,
  code: number | readonly number[] = PROTOCOL_ERROR,
  echoes: readonly FrameSketch[] = [],
): AutobahnCase {
  const { id, title, frames, chops } = sketch;
  return {
    id,
    title,
    steps: send(frames, chops),
    expected: { frames: echoes, close: [code].flat() },
  };
}
