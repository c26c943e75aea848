import { once } from "node:events";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ask } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { listenAnywhere } from "#server/hub/testing/relay-harness.ts";
import { encodeFields } from "./testing/hpack.ts";
import { encodeFrame, FLAG, PREFACE, readFrame, TYPE } from "./testing/http2-frames.ts";
import { backendOf } from "./testing/http-rule.ts";

const lab = createEdgeBook();
afterEach(lab.close);

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const POISONED = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned";
const HOST = `Host: ${OWN_NAME}\r\n`;

/** A service that is written by hand. @returns its connections as they come. */
async function startService(onData: (socket: Socket, n: number) => void) {
  const { port, sockets } = await lab.rawService(onData);
  return { ...(await lab.start(httpTunnelOf([ruleOf()]), { web: port })), sockets };
}

/** The first connection that the service gets. */
async function untilFirst(sockets: readonly Socket[]): Promise<Socket> {
  for (;;) {
    const [socket] = sockets;
    if (socket !== undefined) return socket;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Tells type and flags of each frame of HTTP/2 that a client sends. */
function readFrames(socket: Socket, onFrame: (type: number, flags: number) => void): void {
  let pending = Buffer.alloc(0);
  let at = PREFACE.length;
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const frame = readFrame(pending.subarray(at));
      if (frame === null) return;
      onFrame(frame.type, frame.flags);
      at += frame.byteLength;
    }
  });
}

/** Everything that comes until the edge hangs up; the client itself never does. */
async function readToEnd(edgePort: number, bytes: string): Promise<string> {
  const socket = connect({ port: edgePort, host: "127.0.0.1", allowHalfOpen: true });
  lab.onClose(() => socket.destroy());
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.write(bytes);
  await once(socket, "end");
  return text;
}

describe("a service that breaks the rules", () => {
  it("is asked anew when it hangs up on a kept connection instead of an answer", async () => {
    const { edgePort, sockets } = await startService((socket, n) => {
      if (n === 1) socket.write(ANSWER);
      else socket.destroy();
    });
    for (let n = 0; n < 3; n += 1) {
      expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ status: 200, body: "ok" });
    }
    expect(sockets).toHaveLength(3);
  });

  it("answers nobody with what it said unasked", async () => {
    const { edgePort, sockets } = await startService((socket) => socket.write(ANSWER));
    await ask(edgePort, { host: OWN_NAME });
    const [first] = sockets;
    const closed = new Promise((resolve) => first?.once("close", resolve));
    first?.write(POISONED);
    await closed;
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ body: "ok" });
    expect(sockets).toHaveLength(2);
  });
});

describe("a service that resets each connection at once", () => {
  it.each(["http1", "h2c"] as const)("has given no answer by %s", async (protocol) => {
    const rule = ruleOf({ backends: [backendOf("web", { protocol })] });
    const { edgePort } = await lab.start(httpTunnelOf([rule]), { web: "cut" });
    const reply = await ask(edgePort, { host: OWN_NAME });
    expect(reply).toMatchObject({ status: 502, headers: { "culvert-error": "backend_failed" } });
  });

  it("has agreed to no other protocol", async () => {
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: "cut" });
    const text = await readToEnd(
      edgePort,
      `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: chat\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 502 .*Culvert-Error: backend_failed/s);
  });
});

describe("a body that is broken off", () => {
  const post = { ":method": "POST", ":scheme": "http", ":path": "/", ":authority": OWN_NAME };

  it.each(["stream", "connection"])(
    "by the end of a client's %s of HTTP/2 is no whole one to the service",
    async (what) => {
      const { edgePort, sockets } = await startService(() => undefined);
      const client = connect({ port: edgePort, host: "127.0.0.1" }).on("error", () => undefined);
      lab.onClose(() => client.destroy());
      client.write(Buffer.concat([PREFACE, encodeFrame(TYPE.settings, 0, 0)]));
      client.write(
        encodeFrame(TYPE.headers, FLAG.endHeaders, 1, encodeFields(Object.entries(post))),
      );
      client.write(encodeFrame(TYPE.data, 0, 1, Buffer.from("part")));
      const service = await untilFirst(sockets);
      let seen = "";
      service.setEncoding("latin1").on("data", (text: string) => (seen += text));
      if (what === "stream")
        client.write(encodeFrame(TYPE.resetStream, 0, 1, Buffer.from([0, 0, 0, 8])));
      else client.end();
      await new Promise((resolve) => service.once("close", resolve));
      expect(seen).not.toContain("0\r\n\r\n");
    },
  );

  it("by a client of HTTP/1 is a stream that was reset to a service of HTTP/2", async () => {
    const frames: string[] = [];
    const { promise: reset, resolve } = Promise.withResolvers<void>();
    const service = createServer((socket) => {
      // Settings, and an acknowledgement of the other side's.
      socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]));
      socket.on("error", () => undefined);
      readFrames(socket, (type, flags) => {
        frames.push(`${type}/${flags}`);
        if (type === 0) client.destroy();
        if (type === 3) resolve();
      });
    });
    lab.onClose(() => void service.close());
    const rule = ruleOf({ backends: [backendOf("web", { protocol: "h2c" })] });
    const web = await listenAnywhere(service);
    const { edgePort } = await lab.start(httpTunnelOf([rule]), { web });
    const client = connect({ port: edgePort, host: "127.0.0.1" });
    client.write(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
    await reset;
    // Its fields and one piece of its body, neither of which ends it.
    expect(frames.filter((frame) => /^[01]\//.test(frame))).toEqual(["1/4", "0/0"]);
  });

  it("is whole when an answer of HTTP/2 comes at once with its end", async () => {
    const service = createHttp2((_request, response) => response.end("ok"));
    const rule = ruleOf({ backends: [backendOf("web", { protocol: "h2c" })] });
    const web = await listenAnywhere(service);
    const { edgePort } = await lab.start(httpTunnelOf([rule]), { web });
    lab.onClose(() => void service.close());
    for (let n = 0; n < 20; n += 1) {
      expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ status: 200, body: "ok" });
    }
  });

  it.each([1, 2])(
    "by a service of HTTP/2 is no whole one to a client of HTTP/%i",
    async (version) => {
      const service = createHttp2((_request, { stream }) => {
        stream.respond({ ":status": 200 });
        stream.on("error", () => undefined);
        stream.write("part", () => stream.destroy(new Error("enough")));
      });
      const rule = ruleOf({ backends: [backendOf("web", { protocol: "h2c" })] });
      const { edgePort } = await lab.start(httpTunnelOf([rule]), {
        web: await listenAnywhere(service),
      });
      lab.onClose(() => void service.close());
      if (version === 1) {
        await expect(ask(edgePort, { host: OWN_NAME })).rejects.toMatchObject({
          code: "ECONNRESET",
        });
        return;
      }
      const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
      lab.onClose(() => session.destroy());
      const stream = session.request(post, { endStream: true }).resume();
      const ends: string[] = [];
      stream.on("end", () => ends.push("whole"));
      await expect(once(stream, "close")).rejects.toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
      expect(ends).toEqual([]);
    },
  );
});

describe("a client that breaks the rules", () => {
  it.each([
    ["a chunk without a size", "Transfer-Encoding: chunked\r\n\r\nx\r\n"],
    ["a chunk longer than its size", "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"],
  ])(
    "is told so and hung up on, as the service is, in the middle of a body: %s",
    async (_, rest) => {
      const { edgePort, sockets } = await startService(() => undefined);
      const text = await readToEnd(edgePort, `POST / HTTP/1.1\r\n${HOST}${rest}`);
      expect(text).toMatch(/^HTTP\/1\.1 400 .*Culvert-Error: bad_request/s);
      const [service] = sockets;
      if (service?.closed === false) await once(service, "close");
    },
  );

  it("gets no answer twice: what follows a whole request is for the next", async () => {
    const { edgePort } = await startService(() => undefined);
    expect(await readToEnd(edgePort, `GET / HTTP/1.1\r\n${HOST}\r\nx\r\n\r\n`)).toBe("");
  });

  it.each(["0.9", "2.0"])("is refused with a request line of HTTP/%s", async (version) => {
    const { edgePort, sockets } = await startService((socket) => socket.write(ANSWER));
    const text = await readToEnd(edgePort, `GET / HTTP/${version}\r\n${HOST}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(sockets).toHaveLength(0);
  });

  it("cannot leave HTTP with a request that has a body: it is served like any other", async () => {
    const { edgePort, sockets } = await startService((socket) => socket.write(ANSWER));
    const socket = connect({ port: edgePort, host: "127.0.0.1" });
    lab.onClose(() => socket.destroy());
    const seen = once(socket, "data");
    socket.write(`POST / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: chat\r\n`);
    socket.write("Content-Length: 2\r\n\r\nhi");
    expect(String((await seen)[0])).toMatch(/^HTTP\/1\.1 200 /);
    expect(sockets).toHaveLength(1);
  });
});
