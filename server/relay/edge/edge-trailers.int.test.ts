import { once } from "node:events";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { ask, sendRaw } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { listenAnywhere } from "#server/hub/testing/relay-harness.ts";
import { backendOf } from "./testing/http-rule.ts";

const lab = createEdgeBook();
afterEach(lab.close);

/** Fields that belong into heads or to one connection; node:http2 throws at some of them. */
const MISPLACED = {
  Host: "other.test",
  Connection: "close",
  "HTTP2-Settings": "AAMAAABkAARAAAAAAAIAAAAA",
  TE: "gzip",
  "X-Forwarded-For": "192.0.2.1",
  "Culvert-Error": "no_route",
};
const LINES = Object.entries({ ...MISPLACED, "X-Sum": "4" })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const UPLOAD = `POST / HTTP/1.1\r\nHost: ${OWN_NAME}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\n${LINES}\r\n`;

describe("trailers that belong into a head", () => {
  it("do not reach a service of HTTP/1.1", async () => {
    const port = await lab.service((asked, response) => {
      void text(asked).then(() => response.end(asked.rawTrailers.join()));
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    expect(await sendRaw(edgePort, UPLOAD)).toMatch(/\r\nX-Sum,4$/);
  });

  it("do not reach a service of HTTP/2", async () => {
    const service = createHttp2((asked, response) => {
      void text(asked).then(() => response.end(asked.rawTrailers.join()));
    });
    lab.onClose(() => void service.close());
    const rule = ruleOf({ backends: [backendOf("web", { protocol: "h2c" })] });
    const web = await listenAnywhere(service);
    const { edgePort } = await lab.start(httpTunnelOf([rule]), { web });
    expect(await sendRaw(edgePort, UPLOAD)).toMatch(/\r\nx-sum,4\r\n/);
  });

  it.each([1, 2])("do not reach a client of HTTP/%i", async (version) => {
    const port = await lab.service((asked, response) => {
      asked.resume();
      response.writeHead(200, { Trailer: "X-Sum" }).write("part");
      response.addTrailers({ ...MISPLACED, "X-Sum": "4" });
      response.end();
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    if (version === 1) {
      const { trailers } = await ask(edgePort, { host: OWN_NAME });
      return expect(Object.entries(trailers)).toEqual([["x-sum", "4"]]);
    }
    const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
    lab.onClose(() => session.destroy());
    const stream = session.request({ ":authority": OWN_NAME });
    const trailers = once(stream, "trailers");
    stream.resume();
    expect(Object.entries((await trailers)[0] as object)).toEqual([["x-sum", "4"]]);
  });
});
