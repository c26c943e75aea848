import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import {
  createHarnessBook,
  desiredOf,
  type Harness,
  type HarnessOptions,
} from "#server/hub/testing/relay-harness.ts";

const book = createHarnessBook();
afterEach(book.close);

type Page = Parameters<Harness["web"]["start"]>[1];

/** A relay whose web process answers with the given page. */
async function withPage(page: NonNullable<Page>, options: HarnessOptions = {}) {
  const harness = await book.start({ ...options, withoutWeb: true });
  await harness.web.start(desiredOf(), page);
  await expect.poll(() => harness.relay.isWebReachable).toBe(true);
  return harness;
}

async function get(port: number, path: string, headers: Record<string, string> = {}) {
  const outgoing = request({ port, host: "127.0.0.1", path, headers });
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe("the front door", () => {
  it("answers for its own life, and for both halves when it is asked whether they are ready", async () => {
    const harness = await book.start();
    expect((await get(harness.port, "/healthz")).status).toBe(200);
    const ready = await get(harness.port, "/readyz");
    expect([ready.status, JSON.parse(ready.body)]).toEqual([
      200,
      { status: "ok", relay: "ok", web: "ok" },
    ]);
    await harness.web.stop();
    expect((await get(harness.port, "/healthz")).status).toBe(200);
    expect((await get(harness.port, "/readyz")).status).toBe(503);
  });

  it("passes requests on, and puts its own word in place of what the outside claims", async () => {
    const { port } = await book.start();
    const answer = await get(port, "/api/v1/x?y=z", {
      host: "culvert.test:8443",
      "x-forwarded-for": "8.8.8.8",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.test",
      "x-real-ip": "8.8.8.8",
      forwarded: "for=8.8.8.8",
      connection: "close, x-secret",
      "x-secret": "for this hop only",
      "x-kept": "yes",
    });
    const seen = JSON.parse(answer.body) as { url: string; headers: Record<string, string> };
    expect(seen.url).toBe("/api/v1/x?y=z");
    expect(seen.headers).toMatchObject({
      host: "culvert.test:8443",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "culvert.test:8443",
      "x-kept": "yes",
    });
    for (const name of ["x-secret", "x-real-ip", "forwarded"]) {
      expect(seen.headers).not.toHaveProperty(name);
    }
  });

  it("believes a trusted proxy, as far as the nearest address that is none", async () => {
    const { port } = await book.start({ trustedProxies: ["127.0.0.0/8", "10.0.0.0/8"] });
    const answer = await get(port, "/", {
      "x-forwarded-for": "1.1.1.1, 203.0.113.7, 10.1.2.3",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "culvert.example.com",
    });
    const { headers } = JSON.parse(answer.body) as { headers: Record<string, string> };
    expect(headers).toMatchObject({
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "culvert.example.com",
    });
  });

  it("hangs up itself, so that no answer is lost behind a last write that comes too late", async () => {
    const seen: (string | undefined)[] = [];
    let openSockets = 0;
    const { port } = await withPage((request, response) => {
      seen.push(request.headers.connection);
      openSockets += 1;
      request.socket.once("close", () => (openSockets -= 1));
      request.resume().on("end", () => response.end("taken"));
    });
    const outgoing = request({ port, host: "127.0.0.1", method: "POST", path: "/" });
    outgoing.end("a body");
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    expect(await text(response)).toBe("taken");
    expect(seen).toEqual(["keep-alive"]);
    await expect.poll(() => openSockets).toBe(0);
  });

  it("says that tunnels keep running while the web process is away", async () => {
    const { port } = await book.start({ withoutWeb: true });
    const page = await get(port, "/tunnels", { accept: "text/html,*/*" });
    expect(page.status).toBe(503);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "retry-after": "2",
    });
    const json = await get(port, "/api/v1/tunnels", { accept: "application/json" });
    expect(json.status).toBe(503);
    expect(JSON.parse(json.body)).toMatchObject({
      error: { code: "unavailable", retryable: true },
    });
  });

  it("streams a body up and back, one chunk at a time", async () => {
    const { port } = await withPage((incoming, response) => void incoming.pipe(response));
    const outgoing = request({ port, host: "127.0.0.1", method: "POST", path: "/echo" });
    const answer = once(outgoing, "response") as Promise<[IncomingMessage]>;
    outgoing.write("first");
    const [response] = await answer;
    const chunks = Readable.from(response)[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe("first");
    outgoing.end("second");
    expect(String((await chunks.next()).value)).toBe("second");
    expect((await chunks.next()).done).toBe(true);
  });

  it("tells the web process when the client of a stream goes away", async () => {
    const gone = Promise.withResolvers<void>();
    const { port } = await withPage((_incoming, response) => {
      response.on("close", () => gone.resolve());
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    });
    const outgoing = request({ port, host: "127.0.0.1", path: "/events" });
    outgoing.on("error", () => undefined);
    outgoing.end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    await once(response, "data");
    outgoing.destroy();
    await gone.promise;
  });

  it("answers HEAD without a body and keeps the status and cookies of an answer", async () => {
    const { port } = await withPage((_incoming, response) => {
      response.writeHead(302, ["Location", "/sign-in", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
      response.end();
    });
    const answer = await get(port, "/");
    expect(answer.status).toBe(302);
    expect(answer.headers).toMatchObject({ location: "/sign-in", "set-cookie": ["a=1", "b=2"] });
    const head = request({ port, host: "127.0.0.1", method: "HEAD", path: "/" });
    head.end();
    const [response] = (await once(head, "response")) as [IncomingMessage];
    expect(await text(response)).toBe("");
  });

  it("passes WebSockets of the dashboard on, both ways", async () => {
    const harness = await book.start();
    const channel = new WebSocketServer({ noServer: true });
    harness.web.pages?.on("upgrade", (incoming, socket, head) => {
      channel.handleUpgrade(incoming, socket, head, (webSocket) => {
        webSocket.on("message", (data: Buffer) => {
          webSocket.send(`${incoming.headers["x-forwarded-for"]?.toString()} ${data.toString()}`);
        });
      });
    });
    const client = new WebSocket(`ws://127.0.0.1:${harness.port}/socket.io/?transport=websocket`);
    await once(client, "open");
    client.send("ping");
    const [message] = (await once(client, "message")) as [Buffer];
    expect(message.toString()).toBe("127.0.0.1 ping");
    client.close();
    await once(client, "close");
  });

  it("passes on the refusal of an upgrade", async () => {
    const harness = await book.start();
    harness.web.pages?.on("upgrade", (_incoming, socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    });
    const client = new WebSocket(`ws://127.0.0.1:${harness.port}/socket.io/`);
    const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
    expect([response.statusCode, await text(response)]).toEqual([403, "no"]);
  });

  it("answers an upgrade with 503 while the web process is away", async () => {
    const { port } = await book.start({ withoutWeb: true });
    const client = new WebSocket(`ws://127.0.0.1:${port}/socket.io/`);
    const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(503);
    response.resume();
  });

  it("drops a client that takes too long over its header, on the agents' path too", async () => {
    const timeouts = { headersMs: 100, requestMs: 100, checkMs: 20 };
    const { port } = await book.start({ timeouts });
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write("GET /api/v1/clusters/agent/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n");
    expect(await text(socket)).toContain("408 Request Timeout");
  });

  it("refuses a request that says its length twice", async () => {
    const { port, web } = await book.start();
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
    expect(await text(socket)).toContain("400 Bad Request");
    expect(web.requests).toHaveLength(0);
  });
});
