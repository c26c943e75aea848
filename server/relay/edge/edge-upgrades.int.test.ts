import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { sendRaw } from "#server/hub/testing/ask.ts";

const lab = createEdgeBook();
afterEach(lab.close);

async function startWebSockets(options: { readonly allowedOrigins?: string[] } = {}) {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  const port = await lab.service((_request, response) => response.end());
  const http = lab.lastServer();
  http.on("upgrade", (request, socket, head) => {
    socket.on("error", () => undefined);
    if (request.url === "/refused") {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
    });
  });
  lab.onClose(() => server.close());
  const tunnel = httpTunnelOf([ruleOf()]);
  const { http: settings } = tunnel;
  if (settings === undefined) throw new Error("an HTTP tunnel");
  const allowedOrigins = options.allowedOrigins ?? [];
  const lab1 = await lab.start({ ...tunnel, http: { ...settings, allowedOrigins } }, { web: port });
  const open = (path = "/chat", headers: Record<string, string> = {}): WebSocket => {
    const socket = new WebSocket(`ws://127.0.0.1:${lab1.edgePort}${path}`, {
      headers: { Host: OWN_NAME, ...headers },
    });
    lab.onClose(() => {
      socket.on("error", () => undefined);
      socket.terminate();
    });
    return socket;
  };
  return { ...lab1, open };
}

describe("WebSockets on the HTTP edge", () => {
  it("carry messages both ways, count them, and close with code and reason", async () => {
    const { open, harness } = await startWebSockets();
    const socket = open();
    await once(socket, "open");
    expect(socket.extensions).toContain("permessage-deflate");
    for (const message of ["one", "x".repeat(100_000)]) {
      socket.send(message);
      const [echoed] = (await once(socket, "message")) as [Buffer];
      expect(echoed.toString()).toBe(message);
    }
    const { connection } = await harness.web.event("connection_opened");
    expect(connection.request).toMatchObject({ path: "/chat", upgrade: "websocket" });
    expect(connection.openLatencyMs).toBeGreaterThan(0);
    socket.close(4001, "enough");
    const [code, reason] = (await once(socket, "close")) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4001, "enough"]);
    const closed = await harness.web.event("connection_closed");
    expect(closed.connection).toMatchObject({
      closeReason: "completed",
      messages: { in: 2, out: 2 },
    });
    harness.relay.sweep();
    const counters = await harness.web.message(
      (each) => each.type === "counters" && (each.requests?.length ?? 0) > 0,
    );
    expect(counters).toMatchObject({
      tunnels: [{ open: 0, http: { classes: [1, 0, 0, 0, 0], messages: { in: 2, out: 2 } } }],
      requests: [{ status: 101, isServed: true, request: { upgrade: "websocket" } }],
    });
  });

  it("are refused as the service refuses them", async () => {
    const { open } = await startWebSockets();
    const socket = open("/refused");
    const [, answer] = (await once(socket, "unexpected-response")) as [
      unknown,
      { statusCode: number },
    ];
    expect(answer.statusCode).toBe(401);
  });

  it("are open to pages of their own names and those that are listed", async () => {
    const { open } = await startWebSockets({ allowedOrigins: ["https://app.example.com"] });
    for (const origin of ["https://app.example.com", `http://${OWN_NAME}`]) {
      await once(open("/chat", { Origin: origin }), "open");
    }
    const socket = open("/chat", { Origin: "https://evil.example" });
    const [, answer] = (await once(socket, "unexpected-response")) as [
      unknown,
      { statusCode: number; headers: Record<string, string> },
    ];
    expect(answer.statusCode).toBe(403);
    expect(answer.headers["culvert-error"]).toBe("origin_forbidden");
  });

  it("end with a reason when a message is larger than allowed", async () => {
    const { open } = await startWebSockets();
    const socket = open();
    await once(socket, "open");
    socket.send(Buffer.alloc(10 * 1024 * 1024 + 1, 1), { compress: false });
    const [code] = (await once(socket, "close")) as [number];
    expect(code).toBe(1009);
  });

  it("go with their agent, and the record says so", async () => {
    const { open, agent, harness } = await startWebSockets();
    const socket = open();
    await once(socket, "open");
    socket.on("error", () => undefined);
    const closed = once(socket, "close");
    agent.kill();
    await closed;
    const event = await harness.web.event("connection_closed");
    expect(event.connection).toMatchObject({ closeReason: "agent_lost" });
  });
});

describe("other protocols on the HTTP edge", () => {
  it("pass as bytes once both agreed", async () => {
    const port = await lab.service((_request, response) => response.end());
    lab.lastServer().on("upgrade", (_request, socket) => {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\nhi ",
      );
      socket.pipe(socket);
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const socket = connect({ port: edgePort, host: "127.0.0.1" });
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nConnection: upgrade\r\nUpgrade: echo/1\r\n\r\nearly`,
    );
    let heard = "";
    while (!heard.endsWith("early")) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      heard += chunk.toString();
    }
    expect(heard).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nhi early$/);
    socket.end();
    await once(socket, "close");
  });

  it("are refused when the service is away", async () => {
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: "refused" });
    const answer = await sendRaw(
      edgePort,
      `GET / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nConnection: upgrade\r\nUpgrade: echo/1\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 502 [^]*Culvert-Error: backend_refused/i);
  });
});
