import { GO_AWAY } from "../frame/frame-header.ts";

interface CloseSpec {
  /** Go-away code we send before the transport ends; null when the peer is gone or has said its own. */
  readonly goAway: number | null;
}

/** Every way a mux session ends. */
export const MUX_CLOSE_CODES = {
  /** Its owner closed it. */
  closed_locally: { goAway: GO_AWAY.normal },
  /** The peer broke the wire contract. */
  protocol_error: { goAway: GO_AWAY.protocolError },
  /** Our own code failed while it handled a frame. */
  internal_error: { goAway: GO_AWAY.internalError },
  /** Nothing was heard for a whole keep-alive interval after a ping. */
  keep_alive_timeout: { goAway: GO_AWAY.internalError },
  transport_closed: { goAway: null },
  peer_protocol_error: { goAway: null },
  peer_internal_error: { goAway: null },
} as const satisfies Record<string, CloseSpec>;

export type MuxCloseCode = keyof typeof MUX_CLOSE_CODES;

export interface MuxCloseReason {
  readonly code: MuxCloseCode;
  /** For a log line; never shown to other tenants. */
  readonly message: string;
}
