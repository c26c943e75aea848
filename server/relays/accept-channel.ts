import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { CHANNEL_LIMITS, RELAY_CHANNEL_PATH } from "#protocol/relay/channel.ts";

/**
 * Upgrades a relay's request to its channel. Fails closed: anything but the right path and secret is answered and cut.
 */
export function createChannelAcceptor(
  channelSecret: string,
  onSocket: (socket: WebSocket) => void,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: CHANNEL_LIMITS.messageBytes,
  });
  return (request, socket, head) => {
    if (request.url !== RELAY_CHANNEL_PATH) return refuse(socket, "404 Not Found");
    if (!hasSecret(request.headers.authorization, channelSecret)) {
      return refuse(socket, "401 Unauthorized");
    }
    server.handleUpgrade(request, socket, head, onSocket);
  };
}

function hasSecret(header: string | undefined, secret: string): boolean {
  const digest = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  // Digests have one length, whatever was sent.
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${secret}`));
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
