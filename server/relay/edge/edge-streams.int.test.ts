import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpRequestRecord } from "#protocol/relay/events.ts";
import { ask, sendRaw } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";

const lab = createEdgeBook();
afterEach(lab.close);

/** A request that is under way. */
function begin(edgePort: number, headers: Record<string, string> = {}, method = "GET") {
  const asked: ClientRequest = request({
    port: edgePort,
    host: "127.0.0.1",
    method,
    headers: { Host: OWN_NAME, ...headers },
    agent: false,
  });
  asked.on("error", () => undefined);
  lab.onClose(() => void asked.destroy());
  return asked;
}

const answerTo = async (asked: ClientRequest): Promise<IncomingMessage> =>
  ((await once(asked, "response")) as [IncomingMessage])[0];

const isOf = (path: string) => (record: HttpRequestRecord) => record.request.path === path;

describe("bodies on the HTTP edge", () => {
  it("flow as they come: an event is there while the answer is open, and before it its head", async () => {
    const gate = Promise.withResolvers<(text: string) => void>();
    const port = await lab.service((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.flushHeaders();
      gate.resolve((line) => void response.write(line));
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const asked = begin(edgePort);
    asked.end();
    const answer = await answerTo(asked);
    const say = await gate.promise;
    for (const line of ["data: 1\n\n", "data: 2\n\n"]) {
      say(line);
      const [chunk] = (await once(answer, "data")) as [Buffer];
      expect(chunk.toString()).toBe(line);
    }
  });

  it("tell the service when the client goes away, and the client when the service does", async () => {
    const gone = Promise.withResolvers<void>();
    const port = await lab.service((asked, response) => {
      response.writeHead(200).write("start", () => {
        if (asked.url === "/cut") response.destroy();
      });
      response.on("close", () => gone.resolve());
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const asked = begin(edgePort);
    asked.end();
    await once(await answerTo(asked), "data");
    asked.destroy();
    await gone.promise;
    await expect(ask(edgePort, { host: OWN_NAME, path: "/cut" })).rejects.toThrow();
  });

  it("wait for a service that says 100 before it wants them", async () => {
    const port = await lab.service((asked, response) => {
      void text(asked).then((body) => response.end(body));
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const asked = begin(edgePort, { Expect: "100-continue", "Content-Length": "4" }, "POST");
    asked.flushHeaders();
    await once(asked, "continue");
    asked.end("body");
    expect(await text(await answerTo(asked))).toBe("body");
  });

  it("bring early hints and trailers", async () => {
    const links = '</style.css>; rel=preload; as=style, </a>; rel=next; title="a b"';
    const port = await lab.service((_asked, response) => {
      response.socket?.write(`HTTP/1.1 103 Early Hints\r\nLink: ${links}\r\n\r\n`);
      response.writeHead(200, { Trailer: "X-Sum" });
      response.write("part");
      response.addTrailers({ "X-Sum": "4" });
      response.end();
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const asked = begin(edgePort);
    const hints = once(asked, "information");
    const answered = answerTo(asked);
    asked.end();
    expect((await hints)[0]).toMatchObject({ statusCode: 103, headers: { link: links } });
    const answer = await answered;
    expect(await text(answer)).toBe("part");
    expect(answer.trailers).toMatchObject({ "x-sum": "4" });
  });

  it("of HEAD are none, and their length is said", async () => {
    const port = await lab.service((_asked, response) => {
      response.setHeader("Content-Length", 5);
      response.end("hello");
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const reply = await ask(edgePort, { host: OWN_NAME, method: "HEAD" });
    expect(reply).toMatchObject({ status: 200, body: "", headers: { "content-length": "5" } });
  });

  it("end with the route's time, before and after the head", async () => {
    const port = await lab.service((asked, response) => {
      if (asked.url === "/slow-body") response.writeHead(200).write("start");
    });
    const within = (path: string, requestTimeoutMs: number) =>
      ruleOf({
        requestTimeoutMs,
        matches: [{ path: { type: "Exact", value: path }, method: null, headers: [], query: [] }],
      });
    const rules = [within("/no-head", 50), within("/slow-body", 5_000)];
    const { edgePort, harness } = await lab.start(httpTunnelOf(rules), { web: port });
    const reply = await ask(edgePort, { host: OWN_NAME, path: "/no-head" });
    expect(reply).toMatchObject({ status: 504, headers: { "culvert-error": "backend_timeout" } });
    await expect(ask(edgePort, { host: OWN_NAME, path: "/slow-body" })).rejects.toThrow();
    harness.relay.sweep();
    const recordOf = (path: string) =>
      harness.web.message(
        (each) => each.type === "counters" && (each.requests ?? []).some(isOf(path)),
      );
    expect(await recordOf("/no-head")).toMatchObject({
      requests: [{ error: "backend_timeout", closeReason: "dial_timeout", isServed: false }],
    });
    expect(await recordOf("/slow-body")).toMatchObject({
      requests: [{ error: "backend_timeout", closeReason: "route_timeout", isServed: true }],
    });
  });

  it("have a row before their service answers, and it is told when it does", async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    const port = await lab.service((_request, response) => asked.resolve(response));
    const { edgePort, harness } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    begin(edgePort).end();
    const response = await asked.promise;
    harness.clock.advance(1_000);
    harness.relay.sweep();
    const { connection } = await harness.web.event("connection_opened");
    expect(connection.openLatencyMs).toBeNull();
    response.writeHead(200).write("x");
    const established = await harness.web.event("connection_established");
    expect(established).toMatchObject({ id: connection.id, via: "agent" });
    expect(established.openLatencyMs).toBeGreaterThan(0);
  });

  it("that the edge answered itself were not answered by the service, in their row either", async () => {
    const asked = Promise.withResolvers<void>();
    const port = await lab.service(() => asked.resolve());
    const { edgePort, harness, agent } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const request = begin(edgePort, {}, "POST");
    request.end();
    await asked.promise;
    harness.clock.advance(1_000);
    harness.relay.sweep();
    await harness.web.event("connection_opened");
    agent.kill();
    expect((await answerTo(request)).statusCode).toBe(503);
    const { connection } = await harness.web.event("connection_closed");
    expect(connection).toMatchObject({ closeReason: "agent_lost", openLatencyMs: null });
  });

  it("in flight are rows once they are a second old, and an operator can cut them", async () => {
    const port = await lab.service((_asked, response) => void response.writeHead(200).write("x"));
    const { edgePort, harness } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const asked = begin(edgePort);
    asked.end();
    const answer = await answerTo(asked);
    answer.on("error", () => undefined);
    harness.relay.sweep();
    expect(harness.web.events().filter(({ kind }) => kind === "connection_opened")).toEqual([]);
    harness.clock.advance(1_000);
    harness.relay.sweep();
    const { connection } = await harness.web.event("connection_opened");
    expect(connection).toMatchObject({ request: { method: "GET", path: "/", upgrade: null } });
    const closed = new Promise((resolve) => answer.on("close", resolve));
    answer.resume();
    await harness.web.closeConnections({ connectionIds: [connection.id] }, "closed_by_operator");
    await closed;
    const event = await harness.web.event("connection_closed");
    expect(event.connection).toMatchObject({ closeReason: "closed_by_operator" });
  });
});

describe("what is no request", () => {
  it.each([
    [
      "two lengths",
      `GET / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx`,
    ],
    [
      "a length and chunks",
      `POST / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["a bare line feed", `GET / HTTP/1.1\nHost: ${OWN_NAME}\n\n`],
    ["two hosts", `GET / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nHost: other\r\n\r\n`],
    [
      "a head without end",
      `GET / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nX: ${"x".repeat(40_000)}\r\n\r\n`,
    ],
  ])("is refused: %s", async (_what, bytes) => {
    let requests = 0;
    const port = await lab.service((_asked, response) => {
      requests += 1;
      response.end();
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const answer = await sendRaw(edgePort, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(requests).toBe(0);
  });

  it("is refused: a connection to somewhere else", async () => {
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), {});
    const answer = await sendRaw(edgePort, `CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
  });

  it("is not passed on: an upgrade of HTTP itself", async () => {
    const port = await lab.service((asked, response) => {
      response.end(String(asked.headers.upgrade));
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const answer = await sendRaw(
      edgePort,
      `GET / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*undefined/);
  });

  it("costs a silent connection nothing but its place", async () => {
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), {});
    const socket = connect({ port: edgePort, host: "127.0.0.1" });
    await once(socket, "connect");
    socket.destroy();
  });
});
