import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ask } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { listenAnywhere } from "#server/hub/testing/relay-harness.ts";

const lab = createEdgeBook();
afterEach(lab.close);

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const POISONED = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned";
const HOST = `Host: ${OWN_NAME}\r\n`;

/** A service that is written by hand. @returns its connections as they come. */
async function startService(onRequest: (socket: Socket, n: number) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let n = 0;
    socket.on("error", () => undefined);
    socket.on("data", () => onRequest(socket, (n += 1)));
  });
  const port = await listenAnywhere(server);
  lab.onClose(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const started = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
  return { ...started, sockets };
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
});
