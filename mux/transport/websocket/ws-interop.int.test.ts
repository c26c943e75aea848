import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { ByteTransport } from "../byte-transport.ts";
import { acceptWebSocket } from "./accept.ts";
import { dialWebSocket } from "./dial.ts";
import type { WebSocketLink, WebSocketLinkClose } from "./web-socket-link.ts";

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_000_003];
const LIMITS = { maxTextBytes: 2 ** 21, closeTimeoutMs: 2000, keepAliveMs: 0 };

interface Ends {
  readonly link: WebSocketLink;
  readonly peer: WebSocket;
  readonly closed: Promise<WebSocketLinkClose>;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Echoes text as text and binary as binary. */
function createEcho(getLink: () => WebSocketLink) {
  const closed = Promise.withResolvers<WebSocketLinkClose>();
  return {
    closed: closed.promise,
    handler: { onText: (text: string) => void getLink().sendText(text), onClose: closed.resolve },
  };
}

function echoBinary(transport: ByteTransport): void {
  transport.bind({
    onData: (chunk) => void transport.write(chunk),
    onBatchEnd: () => undefined,
    onDrain: () => undefined,
    onClose: () => undefined,
  });
}

/** Our server, `ws` as the client. */
async function acceptPeer(): Promise<Ends> {
  const accepted = Promise.withResolvers<WebSocketLink>();
  const server = createServer();
  const echo = createEcho(() => link);
  server.on("upgrade", (request, socket, head) => {
    const made = acceptWebSocket(request, socket, head, { ...LIMITS, handler: echo.handler });
    echoBinary(made.binary);
    accepted.resolve(made);
  });
  const peer = new WebSocket(`ws://127.0.0.1:${await listen(server)}/`);
  const [link] = await Promise.all([accepted.promise, once(peer, "open")]);
  return { link, peer, closed: echo.closed };
}

/** Our client, `ws` as the server. */
async function dialPeer(): Promise<Ends> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  const port = await listen(server);
  const echo = createEcho(() => link);
  const [[peer], result] = await Promise.all([
    once(sockets, "connection") as Promise<[WebSocket]>,
    dialWebSocket({
      ...LIMITS,
      url: new URL(`ws://localhost:${port}/`),
      headers: {},
      handler: echo.handler,
      handshakeTimeoutMs: 2000,
    }),
  ]);
  if (result.kind !== "connected") throw new Error(result.kind);
  const link = result.link;
  echoBinary(link.binary);
  return { link, peer, closed: echo.closed };
}

const ROLES = [
  ["our server", acceptPeer],
  ["our client", dialPeer],
] as const;

it.each(ROLES)("%s: echoes text of every length class, whole", async (_name, connect) => {
  const { peer } = await connect();
  for (const size of SIZES) {
    const sent = "ü".repeat(size / 2) + "x".repeat(size % 2);
    peer.send(sent);
    const [data, isBinary] = (await once(peer, "message")) as [Buffer, boolean];
    expect([data.toString() === sent, isBinary]).toEqual([true, false]);
  }
  peer.terminate();
});

it.each(ROLES)("%s: echoes every byte of binary messages", async (_name, connect) => {
  const { peer } = await connect();
  const sent = Buffer.concat(SIZES.map((size) => randomBytes(size)));
  const received: Buffer[] = [];
  let receivedBytes = 0;
  const done = new Promise<void>((resolve) => {
    peer.on("message", (data: Buffer) => {
      received.push(data);
      receivedBytes += data.length;
      if (receivedBytes === sent.length) resolve();
    });
  });
  let at = 0;
  for (const size of SIZES) {
    peer.send(sent.subarray(at, at + size));
    at += size;
  }
  await done;
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  peer.terminate();
});

it.each(ROLES)("%s: reads fragments with pings between them", async (_name, connect) => {
  const { peer } = await connect();
  peer.send("one ", { fin: false });
  peer.ping("p");
  peer.send("two ", { fin: false });
  peer.send("three", { fin: true });
  const [[pong], [text]] = (await Promise.all([once(peer, "pong"), once(peer, "message")])) as [
    [Buffer],
    [Buffer],
  ];
  expect([pong.toString(), text.toString()]).toEqual(["p", "one two three"]);
  peer.terminate();
});

it.each(ROLES)("%s: pings a peer that answers", async (_name, connect) => {
  const { link, peer } = await connect();
  const before = link.lastReceivedAt;
  link.sendPing();
  await once(peer, "ping");
  await expect.poll(() => link.lastReceivedAt).toBeGreaterThan(before);
  peer.terminate();
});

it.each(ROLES)("%s: closes cleanly, asked by the peer", async (_name, connect) => {
  const { peer, closed } = await connect();
  peer.close(4001, "enough");
  const [code] = (await once(peer, "close")) as [number];
  expect(code).toBe(4001);
  expect(await closed).toEqual({ code: 4001, reason: "enough", wasClean: true });
});

it.each(ROLES)("%s: closes cleanly of its own accord", async (_name, connect) => {
  const { link, peer, closed } = await connect();
  link.close(4408, "silent for too long");
  const [code, reason] = (await once(peer, "close")) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([4408, "silent for too long"]);
  expect(await closed).toMatchObject({ code: 4408, wasClean: true });
});

it.each(ROLES)("%s: tells a peer that sends too long a text", async (_name, connect) => {
  const { link, peer, closed } = await connect();
  link.maxTextBytes = 100;
  peer.send("x".repeat(101));
  const [code] = (await once(peer, "close")) as [number];
  expect(code).toBe(1009);
  expect(await closed).toMatchObject({ code: 1009, wasClean: false });
});

it.each(ROLES)("%s: notices a peer that vanishes", async (_name, connect) => {
  const { peer, closed } = await connect();
  peer.terminate();
  expect(await closed).toEqual({ code: 1006, reason: "", wasClean: false });
});
