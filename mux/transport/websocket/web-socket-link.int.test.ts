import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { createHash, randomBytes } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { MuxSession } from "#mux/session/mux-session.ts";
import type { MuxStream } from "#mux/stream/mux-stream.ts";
import { adoptSocket, dialSocket } from "#mux/socket/large-read-socket.ts";
import { pump, type PumpEnd } from "#mux/stream/pump.ts";
import { acceptWebSocket } from "./accept.ts";
import { dialWebSocket } from "./dial.ts";
import type { WebSocketLink } from "./web-socket-link.ts";

const LINK_OPTIONS = { maxTextBytes: 1024, closeTimeoutMs: 1000, keepAliveMs: 30_000 };
const WINDOW_BYTES = 1024 * 1024;

interface Tunnel {
  readonly port: number;
  readonly ends: PumpEnd[];
  readonly closed: Promise<unknown>;
}

/** A relay and an agent in miniature: TCP → pump → mux → WebSocket → mux → pump → TCP. */
async function setUpTunnel(targetPort: number): Promise<Tunnel> {
  const ends: PumpEnd[] = [];
  const accepted = Promise.withResolvers<WebSocketLink>();
  const closed = Promise.withResolvers<unknown>();
  const handler = { onText: () => undefined, onClose: () => undefined };
  const hub = createServer().on("upgrade", (request, socket, head) => {
    accepted.resolve(acceptWebSocket(request, socket, head, { ...LINK_OPTIONS, handler }));
  });
  const hubPort = await listen(hub);
  const dialled = await dialWebSocket({
    ...LINK_OPTIONS,
    url: new URL(`ws://127.0.0.1:${hubPort}/`),
    headers: {},
    handler,
    handshakeTimeoutMs: 2000,
  });
  if (dialled.kind !== "connected") throw new Error(dialled.kind);
  const serverLink = await accepted.promise;
  const options = { windowBytes: WINDOW_BYTES, keepAliveIntervalMs: null } as const;
  const server = new MuxSession({
    ...options,
    transport: serverLink.binary,
    role: "server",
    onClose: () => closed.resolve(null),
  });
  new MuxSession({
    ...options,
    transport: dialled.link.binary,
    role: "client",
    onClose: () => undefined,
    onStream: (stream: MuxStream) => {
      const target = { host: "127.0.0.1", port: targetPort };
      void dialSocket({ target, timeoutMs: 1000, keepAliveMs: 0 }).then((socket) =>
        pump({ socket, stream, observer: { onClose: () => undefined } }),
      );
    },
  });
  const front = createTcpServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    pump({
      socket: adoptSocket(socket, { keepAliveMs: 0 }),
      stream: server.openStream(),
      observer: { onClose: ({ reason }) => ends.push(reason) },
    });
  });
  const port = await listen(front);
  onTestFinished(async () => {
    server.close({ code: "closed_locally", message: "" });
    await closed.promise;
    hub.close();
    front.close();
  });
  return { port, ends, closed: closed.promise };
}

async function listen(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

it("carries bytes both ways with both half-closes kept", async () => {
  const hash = createHash("sha256");
  const sent = randomBytes(8 * 1024 * 1024);
  // Answers only after the client has ended: what comes back proves that half-close was kept.
  const target = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on("data", (chunk) => hash.update(chunk));
    socket.on("end", () => {
      socket.write(sent);
      socket.end(hash.digest());
    });
  });
  const targetPort = await listen(target);
  onTestFinished(() => void target.close());
  const tunnel = await setUpTunnel(targetPort);
  const client = connect({ port: tunnel.port, host: "127.0.0.1", allowHalfOpen: true });
  client.end(sent);
  const received: Buffer[] = [];
  for await (const chunk of client) received.push(chunk as Buffer);
  const all = Buffer.concat(received);
  expect(all.subarray(0, sent.length).equals(sent)).toBe(true);
  expect(all.subarray(sent.length)).toEqual(createHash("sha256").update(sent).digest());
  await expect.poll(() => tunnel.ends).toEqual(["completed"]);
});

it.each(["up", "down"])(
  "keeps every byte of a slow reader's queue intact: %s",
  async (direction) => {
    const sent = randomBytes(24 * 1024 * 1024);
    const received: Buffer[] = [];
    const done = Promise.withResolvers<void>();
    // Stops every now and then, so that bytes queue in every place on the way.
    const readSlowly = (socket: Socket): void => {
      socket.on("data", (chunk) => {
        received.push(Buffer.from(chunk));
        if (received.length % 20 !== 0) return;
        socket.pause();
        setTimeout(() => socket.resume(), 3);
      });
      socket.on("end", () => {
        socket.end();
        done.resolve();
      });
    };
    const target = createTcpServer({ allowHalfOpen: true }, (socket) => {
      if (direction === "up") readSlowly(socket);
      else socket.resume().end(sent);
    });
    const targetPort = await listen(target);
    onTestFinished(() => void target.close());
    const tunnel = await setUpTunnel(targetPort);
    const client = connect({ port: tunnel.port, host: "127.0.0.1", allowHalfOpen: true });
    if (direction === "up") client.end(sent);
    else readSlowly(client);
    await done.promise;
    client.resume();
    await expect.poll(() => tunnel.ends).toEqual(["completed"]);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  },
);
