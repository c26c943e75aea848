import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { describeMuxSession, type TransportPair } from "../testing/mux-suite.ts";
import { acceptWebSocket } from "../transport/websocket/accept.ts";
import { dialWebSocket } from "../transport/websocket/dial.ts";
import type { WebSocketLink } from "../transport/websocket/web-socket-link.ts";

const HANDLER = { onText: () => undefined, onClose: () => undefined };
const LINK = { handler: HANDLER, maxTextBytes: 1024, closeTimeoutMs: 1_000, keepAliveMs: 0 };

async function createPair(): Promise<TransportPair> {
  const accepted = Promise.withResolvers<{ link: WebSocketLink; socket: Duplex }>();
  const server = createServer().on("upgrade", (request, socket, head) => {
    accepted.resolve({ link: acceptWebSocket(request, socket, head, LINK), socket });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = new URL(`ws://127.0.0.1:${port}/`);
  const dialled = await dialWebSocket({ ...LINK, url, headers: {}, handshakeTimeoutMs: 2_000 });
  if (dialled.kind !== "connected") throw new Error(dialled.kind);
  const { link } = await accepted.promise;
  onTestFinished(() => void server.close());
  return {
    client: dialled.link.binary,
    server: link.binary,
    cut: () => dialled.link.destroy(),
  };
}

describeMuxSession("a WebSocket", createPair);
