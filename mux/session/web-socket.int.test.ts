import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { ReadBuffers } from "../socket/read-buffers.ts";
import { describeMuxSession, type TransportPair } from "../testing/mux-suite.ts";
import { createTestEnd } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";
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

it.each([
  ["in frames of their own", 32 * 1024],
  ["cut into several frames", 128 * 1024],
])("sends lent bytes unharmed behind a datagram of the same turn: %s", async (_name, readBytes) => {
  const pair = await createPair();
  const client = createTestEnd({ transport: pair.client, role: "client" });
  const server = createTestEnd({ transport: pair.server, role: "server" });
  onTestFinished(() => client.session.close({ code: "closed_locally", message: "over" }));
  const stream = server.session.openStream();
  await expect.poll(() => client.accepted.length).toBe(1);
  const [accepted] = client.accepted;
  if (accepted === undefined) throw new Error("nothing was accepted");
  const recorder = new StreamRecorder(accepted);
  stream.gather();
  stream.write(Buffer.from("datagram"));
  // A socket that is read several times in one turn reads into the same memory as long as nobody keeps it.
  const buffers = new ReadBuffers();
  const marks = [1, 2, 3, 4];
  for (const mark of marks) {
    buffers.next.fill(mark, 0, readBytes);
    buffers.deliver(readBytes, (chunk) => stream.write(chunk));
  }
  stream.end();
  await expect.poll(() => recorder.hasEnded).toBe(true);
  const wanted = marks.map((mark) => Buffer.alloc(readBytes, mark));
  expect(recorder.bytes.equals(Buffer.concat([Buffer.from("datagram"), ...wanted]))).toBe(true);
});
