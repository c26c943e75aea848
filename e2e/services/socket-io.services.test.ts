import { once } from "node:events";
import { Agent, type IncomingMessage } from "node:http";
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { WebSocket, WebSocketServer } from "ws";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";

const LOOPBACK = { address: "127.0.0.1", family: 4 };

/** Every name is this machine's, as DNS would say of names of the edge. */
const agent = new Agent({
  keepAlive: true,
  lookup: (_name, _options, done) => done(null, [LOOPBACK]),
});

let service: HttpBackend;
let sockets: Server;
let compressed: HttpBackend;
let lab: HttpLab;
let site: Site;
const clients: Socket[] = [];

beforeAll(async () => {
  service = await startHttpService();
  sockets = new Server(service.server);
  sockets.on("connection", (socket) => {
    socket.on("echo", (value: unknown, answer: (value: unknown) => void) => answer(value));
    socket.on("join", (room: string, done: () => void) => {
      void socket.join(room);
      done();
    });
    socket.on("tell", (room: string, value: unknown) => socket.to(room).emit("told", value));
  });
  compressed = await startHttpService();
  const webSockets = new WebSocketServer({
    server: compressed.server,
    perMessageDeflate: { serverNoContextTakeover: true, threshold: 0 },
  });
  webSockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  lab = await HttpLab.start({
    services: [
      { name: "live", port: service.port },
      { name: "compressed", port: compressed.port },
    ],
  });
  site = lab.site("live");
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(async () => {
  agent.destroy();
  await sockets.close();
  await lab.stop();
  await compressed.close();
});

/** Connected, over the transports that are named. */
async function connect(...transports: ("polling" | "websocket")[]): Promise<Socket> {
  const client = io(`http://${site.host}:${site.port}`, {
    transports,
    agent: agent as never,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    forceNew: true,
  });
  clients.push(client);
  await new Promise<void>((resolve, reject) => {
    client.once("connect", resolve);
    client.once("connect_error", reject);
  });
  return client;
}

const transportOf = (client: Socket): string => client.io.engine.transport.name;

const ask = (client: Socket, value: unknown): Promise<unknown> =>
  client.timeout(10_000).emitWithAck("echo", value);

describe("a Socket.IO application behind the edge", () => {
  it.each(["polling", "websocket"] as const)("talks by %s", async (transport) => {
    const client = await connect(transport);
    expect(await ask(client, { text: "schön", list: [1, 2, 3] })).toEqual({
      text: "schön",
      list: [1, 2, 3],
    });
    expect(transportOf(client)).toBe(transport);
  });

  it("goes over from polling to WebSocket in the middle of it", async () => {
    const client = await connect("polling", "websocket");
    if (transportOf(client) === "polling") {
      await new Promise((resolve) => client.io.engine.once("upgrade", resolve));
    }
    expect(transportOf(client)).toBe("websocket");
    expect(await ask(client, "after")).toBe("after");
  });

  it.each(["polling", "websocket"] as const)("carries bytes by %s", async (transport) => {
    const client = await connect(transport);
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 31) & 0xff));
    const answer = (await ask(client, { bytes })) as { bytes: Buffer };
    expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
  });

  it("tells a room, and nobody else", async () => {
    const [teller, member, stranger] = await Promise.all([
      connect("websocket"),
      connect("polling"),
      connect("websocket"),
    ]);
    await member.timeout(10_000).emitWithAck("join", "room");
    const heard: unknown[] = [];
    stranger.on("told", (value: unknown) => heard.push(value));
    const told = new Promise((resolve) => member.once("told", resolve));
    teller.emit("tell", "room", "news");
    expect(await told).toBe("news");
    // Its own echo comes after whatever was sent before.
    await ask(stranger, "nothing?");
    expect(heard).toEqual([]);
  });

  it("comes back by itself when its connection was cut", async () => {
    const client = await connect("websocket");
    const first = client.id;
    const again = new Promise((resolve) => client.once("connect", () => resolve(client.id)));
    for (const socket of await sockets.fetchSockets()) {
      if (socket.id === first) sockets.sockets.sockets.get(socket.id)?.conn.close();
    }
    expect(await again).not.toBe(first);
    expect(await ask(client, "again")).toBe("again");
  });
});

describe("a compressed WebSocket", () => {
  it("is agreed on by the two ends, and its frames pass as they are", async () => {
    const { port, host } = lab.site("compressed");
    const [through, direct] = await Promise.all([agree(port, host), agree(compressed.port, host)]);
    expect(direct.extensions).toMatch(/^permessage-deflate; /);
    expect(through.extensions).toBe(direct.extensions);
    const text = "compressible ".repeat(10_000);
    through.socket.send(text);
    const [data] = (await once(through.socket, "message")) as [Buffer];
    expect(data.toString()).toBe(text);
    const closed = once(through.socket, "close");
    through.socket.close(4_001, "enough");
    expect((await closed)[0]).toBe(4_001);
    direct.socket.terminate();
  });
});

/** Opens a WebSocket. @returns it, and the extensions that the service took of those it was offered. */
async function agree(port: number, host: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
    headers: { host },
    perMessageDeflate: { clientNoContextTakeover: true, threshold: 0 },
  });
  const [[response]] = await Promise.all([
    once(socket, "upgrade") as Promise<[IncomingMessage]>,
    once(socket, "open"),
  ]);
  return { socket, extensions: response.headers["sec-websocket-extensions"] };
}
