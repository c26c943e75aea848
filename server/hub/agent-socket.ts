import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import type { ByteTransport } from "#mux/transport/byte-transport.ts";

/** What the hub needs of an accepted WebSocket. */
export interface AgentSocket {
  readonly binary: ByteTransport;
  /** Milliseconds of the monotonic clock. */
  readonly lastReceivedAt: number;
  /** Bound of one text message, bytes; raised once the agent is registered. */
  maxTextBytes: number;
  sendText(text: string): void;
  close(code: number, reason: string): void;
}

/** What the hub needs of the mux session over it. */
export interface LinkSession {
  /** True while a stream can be opened. */
  readonly canOpen: boolean;
  readonly streamCount: number;
  /** Last measured round trip; null before the first. */
  readonly rttMs: number | null;
  openStream(): MuxStreamPort;
  /** Ends every stream as `session_closed`. Idempotent. */
  close(reason: string): void;
}
