import { Agent } from "node:http";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { ask } from "#server/hub/testing/ask.ts";
import { createEdgeBook, httpTunnelOf, OWN_NAME, ruleOf } from "#server/hub/testing/edge-lab.ts";
import { backendOf, matchOf } from "./testing/http-rule.ts";

const lab = createEdgeBook();
afterEach(lab.close);

const prefix = (value: string) => matchOf({ path: { type: "PathPrefix", value } });

describe("the HTTP edge", () => {
  it("passes a request on and its answer back, and keeps the connection to the service", async () => {
    const connections = new Set<unknown>();
    const port = await lab.service((request, response) => {
      connections.add(request.socket);
      response.setHeader("X-Seen", `${request.method} ${request.url}`);
      void text(request).then((body) => response.end(`hello ${body}`));
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const agent = new Agent({ keepAlive: true });
    lab.onClose(() => agent.destroy());
    for (const body of ["one", "two", "three"]) {
      const reply = await ask(edgePort, {
        host: OWN_NAME,
        path: "/a?b=c",
        method: "POST",
        body,
        agent,
      });
      expect(reply).toMatchObject({ status: 200, body: `hello ${body}` });
      expect(reply.headers).toMatchObject({ "x-seen": "POST /a?b=c" });
    }
    expect(connections.size).toBe(1);
  });

  it("asks a service by HTTP/1.1 for gRPC-Web, which is no gRPC", async () => {
    const port = await lab.service((request, response) => response.end(request.httpVersion));
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const headers = { "Content-Type": "application/grpc-web+proto" };
    const reply = await ask(edgePort, { host: OWN_NAME, method: "POST", headers, body: "x" });
    expect(reply).toMatchObject({ status: 200, body: "1.1" });
  });

  it("finds the rule by path, and says so when there is none", async () => {
    const web = await lab.service((_request, response) => response.end("web"));
    const api = await lab.service((_request, response) => response.end("api"));
    const tunnel = httpTunnelOf([
      ruleOf({ hostnames: ["shop.test"], matches: [prefix("/web")] }),
      ruleOf({
        hostnames: ["shop.test"],
        matches: [prefix("/api")],
        backends: [backendOf("api")],
      }),
    ]);
    const { edgePort } = await lab.start(tunnel, { web, api });
    expect(await ask(edgePort, { host: "shop.test", path: "/web/x" })).toMatchObject({
      body: "web",
    });
    expect(await ask(edgePort, { host: "shop.test:8080", path: "/api" })).toMatchObject({
      body: "api",
    });
    for (const path of ["/web/../api", "/web/x/%2e%2E/../api/"]) {
      expect(await ask(edgePort, { host: "shop.test", path })).toMatchObject({ body: "api" });
    }
    const none = await ask(edgePort, { host: "shop.test", path: "/other" });
    expect(none).toMatchObject({ status: 404, headers: { "culvert-error": "no_route" } });
    const unknown = await ask(edgePort, { host: "other.test" });
    expect(unknown).toMatchObject({ status: 404, headers: { "culvert-error": "no_such_host" } });
  });

  it.each([
    ["refused", "backend_refused", 502],
    ["no_backend", "no_backend", 503],
  ] as const)("says what an agent that answers %s means", async (answer, code, status) => {
    const { edgePort, harness } = await lab.start(httpTunnelOf([ruleOf()]), { web: answer });
    const reply = await ask(edgePort, { host: OWN_NAME, headers: { Accept: "application/json" } });
    expect(reply).toMatchObject({ status, headers: { "culvert-error": code } });
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code } });
    harness.relay.sweep();
    const message = await harness.web.message(
      (each) => each.type === "counters" && (each.requests?.length ?? 0) > 0,
    );
    expect(message).toMatchObject({
      requests: [{ status, error: code, isServed: false, backend: "shop/web:8080" }],
      tunnels: [{ opened: 1, failed: 1, open: 0, http: { classes: [0, 0, 0, 0, 1] } }],
    });
  });

  it("tells operators, and not who asked, which pattern of a route can never match", async () => {
    const path = { type: "RegularExpression" as const, value: "/(?=a)" };
    const rule = ruleOf({ matches: [{ ...prefix("/"), path }] });
    const { edgePort, harness } = await lab.start(httpTunnelOf([rule]), {});
    const reply = await ask(edgePort, { host: OWN_NAME, path: "/a" });
    expect(reply).toMatchObject({ status: 404, headers: { "culvert-error": "no_route" } });
    expect(reply.body).not.toContain("?=");
    harness.relay.sweep();
    const message = await harness.web.message(
      (each) => each.type === "counters" && (each.requests?.length ?? 0) > 0,
    );
    expect(message).toMatchObject({
      requests: [{ error: "no_route", detail: expect.stringContaining('"/(?=a)" never matches') }],
    });
  });

  it("asks another backend when one cannot be connected to", async () => {
    const web = await lab.service((_request, response) => response.end("web"));
    const tunnel = httpTunnelOf([
      ruleOf({ backends: [backendOf("dead", { weight: 1_000_000 }), backendOf("web")] }),
    ]);
    const { edgePort } = await lab.start(tunnel, { dead: "refused", web });
    expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ status: 200, body: "web" });
    const post = await ask(edgePort, { host: OWN_NAME, method: "POST", body: "x" });
    expect(post.headers["culvert-error"]).toBe("backend_refused");
  });

  it("speaks HTTP/2 with clients that begin with it, on the same port", async () => {
    const port = await lab.service((request, response) => {
      void text(request).then((body) => response.end(`${request.method} ${body}`));
    });
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
    lab.onClose(() => session.destroy());
    const stream = session.request({ ":method": "POST", ":path": "/x", ":authority": OWN_NAME });
    stream.end("body");
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(200);
    expect(await text(stream)).toBe("POST body");
  });

  it("carries HTTP/2 to a service, with trailers, for gRPC", async () => {
    const service = createHttp2();
    service.on("stream", (stream, headers) => {
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "x-path": headers[":path"] },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.pipe(stream);
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    lab.onClose(() => void service.close());
    const { port } = service.address() as AddressInfo;
    const { edgePort } = await lab.start(httpTunnelOf([ruleOf()]), { web: port });
    const session = connectHttp2(`http://127.0.0.1:${edgePort}`);
    lab.onClose(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": "/shop.Cart/Watch",
      ":authority": OWN_NAME,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const trailers = once(stream, "trailers");
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers).toMatchObject({ ":status": 200, "x-path": "/shop.Cart/Watch" });
    stream.write("ping");
    const [chunk] = (await once(stream, "data")) as [Buffer];
    expect(chunk.toString()).toBe("ping");
    stream.end();
    expect((await trailers)[0]).toMatchObject({ "grpc-status": "0" });
  });
});
