import { createServer as createHttp2 } from "node:http2";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import type { BackendProtocol, HttpBackend } from "#protocol/control/http-routing.ts";
import { ask } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { listenAnywhere } from "#server/hub/testing/relay-harness.ts";
import { backendOf } from "./testing/http-rule.ts";

const lab = createEdgeBook();
afterEach(lab.close);

/** A rule whose every request is copied to the backend `copy`. */
function mirrored(web: Partial<HttpBackend> = {}, protocol: BackendProtocol = "http1") {
  const backend = { namespace: "shop", name: "copy", port: 8080, protocol };
  return ruleOf({
    backends: [backendOf("web", web)],
    filters: [{ type: "mirror", backend, numerator: 1, denominator: 1 }],
  });
}

describe("copies of requests", () => {
  it("are given up when nothing answers them", async () => {
    const web = await lab.service((_request, response) => response.end("ok"));
    const arrived = Promise.withResolvers<Socket>();
    const { port: copy } = await lab.rawService((socket) => arrived.resolve(socket));
    const { edgePort, harness } = await lab.start(httpTunnelOf([mirrored()]), { web, copy });
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ body: "ok" });
    const socket = await arrived.promise;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    harness.clock.advance(29_000);
    harness.relay.sweep();
    expect(socket.closed).toBe(false);
    harness.clock.advance(2_000);
    harness.relay.sweep();
    await closed;
  });

  it("go by the version of HTTP that their own service speaks", async () => {
    const web = createHttp2((request, response) => {
      void text(request).then((body) => response.end(body));
    });
    lab.onClose(() => void web.close());
    const copied = Promise.withResolvers<string>();
    const copy = await lab.service((request, response) => {
      const { httpVersion, headers } = request;
      void text(request).then((body) => copied.resolve(`${httpVersion} ${headers.host} ${body}`));
      response.end();
    });
    const { edgePort } = await lab.start(httpTunnelOf([mirrored({ protocol: "h2c" })]), {
      web: await listenAnywhere(web),
      copy,
    });
    const reply = await ask(edgePort, { host: OWN_NAME, method: "POST", body: "hello" });
    expect(reply).toMatchObject({ body: "hello" });
    expect(await copied.promise).toBe(`1.1 ${OWN_NAME} hello`);
  });
});
