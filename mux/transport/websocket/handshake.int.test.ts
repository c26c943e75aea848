import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { acceptWebSocket, findUpgradeFault, refuseUpgrade } from "./accept.ts";
import { dialWebSocket, type DialWebSocketOptions } from "./dial.ts";
import type { WebSocketLink } from "./web-socket-link.ts";
import { rawFrame } from "./testing/raw-frame.ts";

const HANDLER = { onText: () => undefined, onClose: () => undefined };
const LIMITS = { maxTextBytes: 1000, closeTimeoutMs: 500, keepAliveMs: 0, handler: HANDLER };
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function request(overrides: Record<string, string | null> = {}, first = "GET / HTTP/1.1"): string {
  const headers: Record<string, string | null> = {
    Host: "x",
    Upgrade: "websocket",
    Connection: "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    ...overrides,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  );
  return [first, ...lines, "", ""].join("\r\n");
}

/** Accepts what may be accepted and refuses the rest with what was found. */
async function startServer(handler = HANDLER as { onText: (text: string) => void }) {
  const links: WebSocketLink[] = [];
  const server = createServer();
  server.on("upgrade", (incoming, socket: Duplex, head: Buffer) => {
    const fault = findUpgradeFault(incoming);
    if (fault === null) {
      const options = { ...LIMITS, handler: { ...HANDLER, ...handler } };
      links.push(acceptWebSocket(incoming, socket, head, options));
    } else {
      refuseUpgrade(socket, {
        status: fault.status,
        body: fault.message,
        contentType: "text/plain",
      });
    }
  });
  return { server, links, port: await listen(server) };
}

it("answers the handshake of RFC 6455 section 1.3 and reads what came with it", async () => {
  const texts = Promise.withResolvers<string>();
  const { port, links } = await startServer({ onText: texts.resolve });
  const client = connect(port, "127.0.0.1");
  const hello = rawFrame({ first: 0x81, payload: "early", key: 0x11223344 });
  client.write(Buffer.concat([Buffer.from(request()), hello]));
  const [answer] = (await once(client, "data")) as [Buffer];
  expect(answer.toString()).toContain("HTTP/1.1 101 Switching Protocols\r\n");
  expect(answer.toString()).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
  expect(await texts.promise).toBe("early");
  links[0]?.destroy();
});

it("counts the connection until the link is gone, so that the server can wait for it", async () => {
  const { server, port, links } = await startServer();
  const client = connect(port, "127.0.0.1");
  client.write(request());
  await once(client, "data");
  const countOpen = () =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  expect(await countOpen()).toBe(1);
  links[0]?.destroy();
  await expect.poll(countOpen).toBe(0);
});

it.each([
  ["another method", request({}, "POST / HTTP/1.1"), 405],
  ["another protocol", request({ Upgrade: "h2c" }), 426],
  ["another version", request({ "Sec-WebSocket-Version": "8" }), 426],
  ["no version", request({ "Sec-WebSocket-Version": null }), 426],
  ["no key", request({ "Sec-WebSocket-Key": null }), 400],
  ["a short key", request({ "Sec-WebSocket-Key": "c2hvcnQ=" }), 400],
])("refuses a handshake with %s", async (_name, sent, status) => {
  const { port, links } = await startServer();
  const client = connect(port, "127.0.0.1");
  client.write(sent);
  const answer = await text(client);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer.includes("Sec-WebSocket-Version: 13")).toBe(status === 426);
  expect(links).toHaveLength(0);
});

function dial(port: number, overrides: Partial<DialWebSocketOptions> = {}) {
  return dialWebSocket({
    ...LIMITS,
    url: new URL(`http://127.0.0.1:${port}/path?q=1`),
    headers: { Authorization: "Bearer t" },
    handshakeTimeoutMs: 2000,
    ...overrides,
  });
}

async function startHttp(listener: RequestListener): Promise<number> {
  return listen(createServer(listener));
}

it("sends the path and the headers it was given", async () => {
  const server = createServer();
  server.on("upgrade", (incoming, socket: Duplex) => {
    refuseUpgrade(socket, {
      status: 401,
      contentType: "application/json",
      headers: { "Retry-After": "7" },
      body: JSON.stringify([incoming.url, incoming.headers.authorization]),
    });
  });
  expect(await dial(await listen(server))).toEqual({
    kind: "refused",
    status: 401,
    retryAfter: "7",
    body: '["/path?q=1","Bearer t"]',
  });
});

it("tells a plain web server's status, and keeps a bounded part of its page", async () => {
  const port = await startHttp((_incoming, response) => response.end("x".repeat(100_000)));
  const result = await dial(port);
  expect(result).toMatchObject({ kind: "refused", status: 200, retryAfter: null });
  expect(result.kind === "refused" && result.body.length).toBe(8192);
});

it.each([
  ["bytes that are no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  [
    "a wrong accept key",
    "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
  ],
  ["an upgrade to something else", "HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"],
])("says that %s is no WebSocket", async (_name, answer) => {
  const port = await listen(
    createTcpServer((socket) => socket.once("data", () => socket.end(answer))),
  );
  expect((await dial(port)).kind).toBe("not_web_socket");
});

it("refuses an extension that it did not offer", async () => {
  const server = createServer();
  server.on("upgrade", (incoming, socket: Duplex, head: Buffer) => {
    const headers = { "Sec-WebSocket-Extensions": "permessage-deflate" };
    acceptWebSocket(incoming, socket, head, { ...LIMITS, headers });
  });
  expect((await dial(await listen(server))).kind).toBe("not_web_socket");
});

it("tells that nobody listens", async () => {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  expect(await dial(port)).toMatchObject({ kind: "unreachable", code: "ECONNREFUSED" });
});

it("gives up on a server that says nothing", async () => {
  const port = await listen(createTcpServer((socket) => socket.on("error", () => undefined)));
  expect(await dial(port, { handshakeTimeoutMs: 50 })).toEqual({ kind: "timeout" });
});

it("stops when it is told to, before and during the dial", async () => {
  const port = await listen(createTcpServer((socket) => socket.on("error", () => undefined)));
  expect(await dial(port, { signal: AbortSignal.abort() })).toEqual({ kind: "aborted" });
  const controller = new AbortController();
  const result = dial(port, { signal: controller.signal });
  setImmediate(() => controller.abort());
  expect(await result).toEqual({ kind: "aborted" });
});
