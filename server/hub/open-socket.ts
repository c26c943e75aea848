import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { MUX_LIMITS } from "#mux/limits.ts";
import { MuxSession } from "#mux/session/mux-session.ts";
import type { ByteTransport } from "#mux/transport/byte-transport.ts";
import { acceptWebSocket } from "#mux/transport/websocket/accept.ts";
import type { AgentSocket, LinkSession } from "./agent-socket.ts";
import type { HubSettings } from "./hub-settings.ts";

/** How long a peer may take over its part of closing, milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;
/** TCP keep-alive of agents' sockets, milliseconds; heartbeats find a dead peer long before. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** Answers the handshake of an admitted agent and takes its socket over. */
export function acceptAgentSocket(options: {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
  readonly maxTextBytes: number;
  readonly onText: (text: string) => void;
  readonly onClose: (end: { readonly code: number; readonly reason: string }) => void;
}): AgentSocket {
  const { request, socket, head, maxTextBytes, onText, onClose } = options;
  return acceptWebSocket(request, socket, head, {
    handler: { onText, onClose },
    maxTextBytes,
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    keepAliveMs: TCP_KEEP_ALIVE_MS,
  });
}

/** How a mux session ended against the hub's will. */
export type SessionFailure = "silent" | "protocol_error";

/**
 * Starts the mux session of a registered agent; streams are opened by us alone.
 *
 * @param onFailure the session is over and the hub has to close the socket. Not called when the socket itself closed,
 *   or the hub closed the session.
 */
export function startServerSession(
  socket: AgentSocket,
  settings: HubSettings,
  onFailure: (failure: SessionFailure, message: string) => void,
): LinkSession {
  const { windowBytes, keepAliveIntervalMs } = settings;
  const session = new MuxSession({
    transport: withoutClose(socket.binary),
    role: "server",
    windowBytes,
    keepAliveIntervalMs,
    onClose: ({ code, message }) => {
      if (code === "closed_locally" || code === "transport_closed") return;
      onFailure(code === "keep_alive_timeout" ? "silent" : "protocol_error", message);
    },
  });
  return {
    get canOpen() {
      return session.state === "open" && session.streamCount < MUX_LIMITS.streams;
    },
    get streamCount() {
      return session.streamCount;
    },
    get rttMs() {
      return session.rttMs;
    },
    openStream: () => session.openStream(),
    close: (message) => session.close({ code: "closed_locally", message }),
  };
}

/** The session may not close the socket itself: the close code is the hub's to choose. */
function withoutClose(transport: ByteTransport): ByteTransport {
  return {
    bind: (receiver) => transport.bind(receiver),
    write: (header, payload) => transport.write(header, payload),
    cork: () => transport.cork?.(),
    uncork: () => transport.uncork?.(),
    get bufferedBytes() {
      return transport.bufferedBytes;
    },
    close: () => undefined,
  };
}
