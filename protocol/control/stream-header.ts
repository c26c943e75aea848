import { z } from "zod";
import type { CloseReason } from "../api/connections.ts";
import { ConnectionId, TunnelId } from "../api/ids.ts";
import { AppError } from "../errors.ts";
import { BackendKey } from "./http-routing.ts";
import { ListenerKey } from "./inventory.ts";
import { CONTROL_LIMITS } from "./limits.ts";

/** What the server says first on every stream it opens: version 2, `u8 2 | u16 length | JSON`. */
export const StreamHeader = z.object({
  kind: z.enum(["tcp", "udp"]),
  /** Which discovered listener to dial for. The agent resolves it locally and refuses what it did not report. */
  target: ListenerKey,
  /** Which of the listener's backends; absent where the agent chooses by weight. */
  backend: BackendKey.exactOptional(),
  tunnelId: TunnelId,
  connectionId: ConnectionId,
  /** `address:port` of the outside client. */
  clientAddress: z.string().max(128),
  /** How long the agent may take to dial, milliseconds. */
  connectTimeoutMs: z.number().int().min(1).max(300_000),
});
export type StreamHeader = z.infer<typeof StreamHeader>;

interface DialStatusSpec {
  readonly status: number;
  /** What the connection's record says; null = it was dialled. */
  readonly closeReason: CloseReason | null;
}

/** First byte of the agent's answer. */
export const DIAL_STATUSES = {
  ok: { status: 0, closeReason: null },
  refused: { status: 1, closeReason: "dial_refused" },
  timeout: { status: 2, closeReason: "dial_timeout" },
  not_found: { status: 3, closeReason: "dial_not_found" },
  forbidden: { status: 4, closeReason: "dial_forbidden" },
  failed: { status: 5, closeReason: "dial_failed" },
  no_backend: { status: 6, closeReason: "no_backend" },
  limit_reached: { status: 7, closeReason: "limit_reached" },
} as const satisfies Record<string, DialStatusSpec>;

export type DialStatus = keyof typeof DIAL_STATUSES;

const StreamReplyBody = z.object({ code: z.string().max(64), message: z.string().max(512) });

export interface StreamReply {
  readonly status: DialStatus;
  /** Plain words for the connection's record; empty when dialled. */
  readonly message: string;
}

const VERSION = 2;
const PREFIX_BYTES = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** `u8 2 | u16 length | JSON`. @throws RangeError when the header is larger than its bound (our bug). */
export function encodeStreamHeader(header: StreamHeader): Uint8Array {
  return prefixed(VERSION, JSON.stringify(header), CONTROL_LIMITS.streamHeaderBytes);
}

/** `u8 status | u16 length | JSON`. The message is cut to its bound. */
export function encodeStreamReply(reply: StreamReply): Uint8Array {
  const body = { code: reply.status, message: reply.message.slice(0, 200) };
  return prefixed(
    DIAL_STATUSES[reply.status].status,
    JSON.stringify(body),
    CONTROL_LIMITS.streamReplyBytes,
  );
}

function prefixed(first: number, json: string, maxBytes: number): Uint8Array {
  const body = encoder.encode(json);
  if (body.byteLength > maxBytes)
    throw new RangeError(`${body.byteLength} bytes exceed ${maxBytes}`);
  const bytes = new Uint8Array(PREFIX_BYTES + body.byteLength);
  bytes[0] = first;
  new DataView(bytes.buffer).setUint16(1, body.byteLength);
  bytes.set(body, PREFIX_BYTES);
  return bytes;
}

/**
 * Collects a length-prefixed preamble from the first chunks of a stream.
 *
 * Order: `push` until it returns a result; afterwards the reader is spent.
 */
class PreambleReader<T> {
  #held = new Uint8Array(0);
  readonly #maxBytes: number;
  readonly #parse: (first: number, json: unknown) => T;

  constructor(maxBytes: number, parse: (first: number, json: unknown) => T) {
    this.#maxBytes = maxBytes;
    this.#parse = parse;
  }

  /**
   * @returns the parsed preamble, the bytes that follow it in `chunk`, and how many bytes the preamble took;
   *   null while more is needed.
   * @throws AppError `bad_request` when the declared length exceeds the bound or the content is malformed.
   */
  push(chunk: Uint8Array): { value: T; rest: Uint8Array; preambleBytes: number } | null {
    const bytes = this.#held.byteLength === 0 ? chunk : concat(this.#held, chunk);
    if (bytes.byteLength < PREFIX_BYTES) return this.#hold(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const bodyBytes = view.getUint16(1);
    if (bodyBytes > this.#maxBytes) {
      throw new AppError("bad_request", `Stream preamble of ${bodyBytes} bytes is too long`);
    }
    const end = PREFIX_BYTES + bodyBytes;
    if (bytes.byteLength < end) return this.#hold(bytes);
    let json: unknown;
    try {
      json = JSON.parse(decoder.decode(bytes.subarray(PREFIX_BYTES, end)));
    } catch (cause) {
      throw new AppError("bad_request", "Stream preamble is not JSON", { cause });
    }
    const value = this.#parse(view.getUint8(0), json);
    return { value, rest: bytes.subarray(end), preambleBytes: end };
  }

  #hold(bytes: Uint8Array): null {
    this.#held = Uint8Array.from(bytes);
    return null;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.byteLength + b.byteLength);
  joined.set(a);
  joined.set(b, a.byteLength);
  return joined;
}

/** Reads the header at the agent. */
export function createStreamHeaderReader(): PreambleReader<StreamHeader> {
  return new PreambleReader(CONTROL_LIMITS.streamHeaderBytes, (version, json) => {
    if (version !== VERSION) {
      throw new AppError("bad_request", `Stream header version ${version} is not spoken here`);
    }
    const header = StreamHeader.safeParse(json);
    if (!header.success) throw new AppError("bad_request", "Stream header is malformed");
    return header.data;
  });
}

/** Reads the answer at the relay. */
export function createStreamReplyReader(): PreambleReader<StreamReply> {
  return new PreambleReader(CONTROL_LIMITS.streamReplyBytes, (code, json) => {
    const body = StreamReplyBody.safeParse(json);
    const status = (Object.keys(DIAL_STATUSES) as DialStatus[]).find(
      (name) => DIAL_STATUSES[name].status === code,
    );
    if (!body.success || status === undefined) {
      throw new AppError("bad_request", "Stream reply is malformed");
    }
    return { status, message: body.data.message };
  });
}

export type StreamHeaderReader = ReturnType<typeof createStreamHeaderReader>;
export type StreamReplyReader = ReturnType<typeof createStreamReplyReader>;
