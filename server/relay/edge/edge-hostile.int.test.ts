import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { ask, sendRaw } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { encodeFields } from "./testing/hpack.ts";
import { encodeFrame, FLAG, PREFACE, TYPE } from "./testing/http2-frames.ts";

const lab = createEdgeBook();
afterEach(lab.close);

const HOST = `Host: ${OWN_NAME}\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A service that answers every request with these bytes. */
async function startService(answer: string) {
  const { port } = await lab.rawService((socket) => socket.write(answer));
  return lab.start(httpTunnelOf([ruleOf()]), { web: port });
}

// One such message ended the relay, and with it every connection of every tunnel.
describe("a message that nobody should send", () => {
  it("keeps from clients of HTTP/2 what is forbidden there in an interim answer", async () => {
    const { edgePort } = await startService(
      `HTTP/1.1 103 Hints\r\nHTTP2-Settings: x\r\nX-Kept: 1\r\n\r\n${OK}`,
    );
    const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
    lab.onClose(() => session.destroy());
    const stream = session.request({ ":authority": OWN_NAME });
    const informed = once(stream, "headers");
    expect(await text(stream)).toBe("ok");
    expect((await informed)[0]).toMatchObject({ ":status": 103, "x-kept": "1" });
  });

  it("answers nothing on a stream of HTTP/2 that its client reset as if all were well", async () => {
    const { edgePort } = await startService(OK);
    const client = connect({ port: edgePort, host: "127.0.0.1" });
    lab.onClose(() => client.destroy());
    const fields = { ":method": "POST", ":scheme": "http", ":path": "/", ":authority": "x.test" };
    client.write(
      Buffer.concat([
        PREFACE,
        encodeFrame(TYPE.settings, 0, 0),
        encodeFrame(TYPE.headers, FLAG.endHeaders, 1, encodeFields(Object.entries(fields))),
        encodeFrame(TYPE.resetStream, 0, 1, Buffer.alloc(4)),
        // A ping, whose answer says that the rest was looked at.
        encodeFrame(TYPE.ping, 0, 0, Buffer.alloc(8)),
      ]),
    );
    for (
      let seen = Buffer.alloc(0);
      !seen.includes(encodeFrame(TYPE.ping, FLAG.ack, 0, Buffer.alloc(8)));
    ) {
      seen = Buffer.concat([seen, ((await once(client, "data")) as [Buffer])[0]]);
    }
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ status: 200 });
  });

  it("matches fields by the names that every object has", async () => {
    const { port } = await lab.rawService((socket) => socket.write(OK));
    const headers = [{ type: "RegularExpression", name: "constructor", value: ".+" } as const];
    const path = { type: "PathPrefix", value: "/" } as const;
    const rule = ruleOf({ matches: [{ path, method: null, headers, query: [] }] });
    const { edgePort } = await lab.start(httpTunnelOf([rule]), { web: port });
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ status: 404 });
    const named = await ask(edgePort, { host: OWN_NAME, headers: { constructor: "me" } });
    expect(named).toMatchObject({ status: 200 });
  });
});

describe("an answer that announces trailers", () => {
  const head = "HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n";

  it("is whole for HEAD, which gets none", async () => {
    const { edgePort } = await startService(head);
    expect(await ask(edgePort, { host: OWN_NAME, method: "HEAD" })).toMatchObject({ status: 200 });
  });

  it("is whole for clients of HTTP/1.0, which know none", async () => {
    const { edgePort } = await startService(`${head}2\r\nok\r\n0\r\nX-A: 1\r\n\r\n`);
    const answer = await sendRaw(edgePort, `GET / HTTP/1.0\r\n${HOST}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
    expect(answer).not.toContain("Trailer");
  });
});

describe("an answer that comes before its request is whole", () => {
  const UPLOAD_BYTES = 4 * 1024 * 1024;

  /** A service that reads nothing more once it has answered, as many do that refuse an upload. */
  async function startRefusing() {
    const { port } = await lab.rawService((socket) => {
      socket.pause();
      socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    });
    return lab.start(httpTunnelOf([ruleOf()]), { web: port });
  }

  it("leaves the connection of HTTP/1.1 fit for the next request", async () => {
    const { edgePort } = await startRefusing();
    const client = connect({ port: edgePort, host: "127.0.0.1" });
    lab.onClose(() => client.destroy());
    client.write(`POST / HTTP/1.1\r\n${HOST}Content-Length: ${UPLOAD_BYTES}\r\n\r\n`);
    client.write(Buffer.alloc(UPLOAD_BYTES));
    client.write(`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    const answers = await text(client);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 413"]);
  });

  it("lets a stream of HTTP/2 come to its end", async () => {
    const { edgePort } = await startRefusing();
    const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
    lab.onClose(() => session.destroy());
    const stream = session.request({ ":authority": OWN_NAME, ":method": "POST" });
    const closed = once(stream, "close");
    stream.end(Buffer.alloc(UPLOAD_BYTES));
    expect(await text(stream)).toBe("no");
    await closed;
  });
});

describe("another protocol", () => {
  const upgradeTo = (protocol: string, path = "/"): string =>
    `GET ${path} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;

  /** A service that answers requests with their path, and agrees to every upgrade it gets to see. */
  async function startAgreeing() {
    const port = await lab.service((request, response) => response.end(request.url));
    lab.lastServer().on("upgrade", (_request, socket) => socket.end("HTTP/1.1 101 Yes\r\n\r\n"));
    return lab.start(httpTunnelOf([ruleOf()]), { web: port });
  }

  it.each(["h2c", "chat, h2c", "H2C/1, chat", "TLS/1.3"])(
    "is not one that is HTTP itself, past which no rule would see: %s",
    async (protocol) => {
      const { edgePort } = await startAgreeing();
      const client = connect({ port: edgePort, host: "127.0.0.1" });
      lab.onClose(() => client.destroy());
      client.write(upgradeTo(protocol));
      expect(String((await once(client, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  it.each([
    ["an upgrade", upgradeTo("chat")],
    ["CONNECT", "CONNECT a.test:1 HTTP/1.1\r\nHost: a.test:1\r\n\r\n"],
  ])("never comes in the place of the answer to an earlier request: %s", async (_, second) => {
    const { edgePort } = await startAgreeing();
    expect(await sendRaw(edgePort, `GET / HTTP/1.1\r\n${HOST}\r\n${second}`)).toBe("");
  });

  it.each([
    ["to a client that did not ask for one", `GET / HTTP/1.1\r\n${HOST}\r\n`],
    ["without its name", upgradeTo("websocket")],
  ])("is not begun %s", async (_, request) => {
    const { edgePort } = await startService("HTTP/1.1 101 Yes\r\n\r\n");
    const client = connect({ port: edgePort, host: "127.0.0.1" });
    lab.onClose(() => client.destroy());
    client.write(request);
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 502 [^]*Culvert-Error: backend_failed/);
  });
});

describe("a rule whose words no head can bear", () => {
  const redirect = {
    type: "redirect",
    scheme: null,
    hostname: "a\nb",
    path: null,
    port: null,
    statusCode: 302,
  } as const;
  const redirecting = ruleOf({ filters: [redirect] });

  it("is to blame for a redirection that cannot be sent", async () => {
    const { edgePort } = await lab.start(httpTunnelOf([redirecting]), {});
    const refused = { status: 500, headers: { "culvert-error": "route_invalid" } };
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject(refused);
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const answer = await sendRaw(edgePort, `GET / HTTP/1.1\r\n${HOST}${upgrade}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 500 [^]*Culvert-Error: route_invalid/);
    const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
    lab.onClose(() => session.destroy());
    const stream = session.request({ ":authority": OWN_NAME });
    expect((await once(stream, "response"))[0]).toMatchObject({ ":status": 500 });
  });

  it("copies nothing, and asks nobody", async () => {
    const backend = { namespace: "shop", name: "copy", port: 8080, protocol: "http1" } as const;
    const mirror = { type: "mirror", backend, numerator: 1, denominator: 1 } as const;
    const rewrite = { type: "rewrite", hostname: "a\nb", path: null } as const;
    const rule = ruleOf({ filters: [rewrite, mirror] });
    const { port } = await lab.rawService(() => expect.unreachable());
    const { edgePort } = await lab.start(httpTunnelOf([rule]), { web: port, copy: port });
    const refused = { status: 500, headers: { "culvert-error": "route_invalid" } };
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject(refused);
  });
});
