import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { adoptSocket } from "#mux/socket/large-read-socket.ts";
import { judgeUpgrade, toAcceptKey, type UpgradeRefusal, WEB_SOCKET_VERSION } from "./handshake.ts";
import { WebSocketLink, type WebSocketLinkHandler } from "./web-socket-link.ts";

export interface AcceptWebSocketOptions {
  readonly handler: WebSocketLinkHandler;
  /** Longest text message, bytes. */
  readonly maxTextBytes: number;
  readonly closeTimeoutMs: number;
  /** TCP keep-alive, milliseconds; 0 turns it off. */
  readonly keepAliveMs: number;
  /** Headers of the 101 response beside those of the handshake. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers a WebSocket handshake with 101 and takes the socket over. No extension and no subprotocol is ever agreed.
 *
 * Order:  the caller has authenticated the request and `findUpgradeFault` found nothing.
 *
 * @param socket as `upgrade` of `http.Server` gave it; must not be used by the caller afterwards.
 * @param head the first bytes after the request, as `upgrade` gave them.
 * @throws RangeError when the request is no valid handshake: the caller did not ask `findUpgradeFault`.
 */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  options: AcceptWebSocketOptions,
): WebSocketLink {
  const key = request.headers["sec-websocket-key"];
  if (findUpgradeFault(request) !== null || key === undefined) {
    throw new RangeError("not a WebSocket handshake");
  }
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${toAcceptKey(key)}`,
    ...Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  const owned = adoptSocket(socket, { keepAliveMs: options.keepAliveMs }, head);
  owned.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
  return new WebSocketLink({
    socket: owned,
    role: "server",
    maskWithZero: false,
    maxTextBytes: options.maxTextBytes,
    closeTimeoutMs: options.closeTimeoutMs,
    handler: options.handler,
  });
}

/** @returns status and message to refuse the request with, or null when `acceptWebSocket` may be called. */
export function findUpgradeFault(request: IncomingMessage): UpgradeRefusal | null {
  return judgeUpgrade(request.method, request.headers);
}

export interface RefuseUpgradeOptions {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers an upgrade request with a plain HTTP response and closes the socket. */
export function refuseUpgrade(socket: Duplex, options: RefuseUpgradeOptions): void {
  const body = Buffer.from(options.body, "utf8");
  const lines = [
    `HTTP/1.1 ${options.status} ${STATUS_CODES[options.status] ?? "Refused"}`,
    "Connection: close",
    `Content-Type: ${options.contentType}`,
    `Content-Length: ${body.byteLength}`,
    ...(options.status === 426
      ? ["Upgrade: websocket", `Sec-WebSocket-Version: ${WEB_SOCKET_VERSION}`]
      : []),
    ...Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.on("error", () => {
    // The client went away before it read why it was refused; there is nobody left to tell.
  });
  socket.once("finish", () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]));
}
