/** One row per way to break the wire contract. `scope` says how much is torn down. */
export const PROTOCOL_FAULTS = {
  unsupported_version: { scope: "session" },
  unknown_frame_type: { scope: "session" },
  /** Flags or stream id that the frame's row of the table does not allow. */
  malformed_frame: { scope: "session" },
  /** More declared payload than any window of ours could allow. */
  frame_too_large: { scope: "session" },
  /** A stream opened by the peer with an id that only we may use. */
  wrong_stream_id: { scope: "session" },
  duplicate_stream: { scope: "session" },
  /** More payload than the stream's window allowed, or credit that does not fit into 32 bits. */
  credit_exceeded: { scope: "session" },
  /** Half-closed twice. */
  unexpected_end: { scope: "session" },
  /** Payload after the peer half-closed. */
  stream_closed: { scope: "stream" },
  /** The peer asks for answers and does not read them. */
  control_flood: { scope: "session" },
} as const satisfies Record<string, { readonly scope: "session" | "stream" }>;

export type ProtocolFault = keyof typeof PROTOCOL_FAULTS;

/** `Symbol.for`, not `instanceof`: bundles may hold a second copy of this module. */
const BRAND = Symbol.for("culvert.MuxProtocolError");

/** The peer broke the wire contract. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly [BRAND] = true;
  readonly fault: ProtocolFault;

  constructor(fault: ProtocolFault, message: string) {
    super(message);
    this.fault = fault;
  }

  get scope(): "session" | "stream" {
    return PROTOCOL_FAULTS[this.fault].scope;
  }
}

/** Recognises by brand, across copies of this module. */
export function isProtocolError(value: unknown): value is ProtocolError {
  return typeof value === "object" && value !== null && BRAND in value;
}
