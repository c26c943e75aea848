import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TunnelDto } from "#protocol/api/tunnels.ts";
import { eventually } from "../harness/process.ts";
import { describeGo, GO_BUILD_TIMEOUT_MS } from "./harness/describe-go.ts";
import { buildH2spec } from "./harness/go-programs.ts";
import { runH2spec } from "./harness/h2spec.ts";
import { OF_A_SHARED_PORT, OF_NGHTTP2 } from "./harness/h2spec-exceptions.ts";
import { HttpLab } from "./harness/http-lab.ts";
import { backendRef, httpRoute } from "./harness/http-objects.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";

/** Of h2spec 2.2.1. */
const CASES = 146;

let program: string;
let lab: HttpLab;
let service: HttpBackend;
let bare: Http2Server;

/** What a person would write first: answers everything. */
function startBareServer(): Promise<Http2Server> {
  const server = createServer();
  server.on("session", (session) => session.on("error", () => {}));
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    stream.respond({ ":status": 200 });
    stream.end("hello");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

describeGo("h2spec against the edge", () => {
  beforeAll(async () => {
    program = await buildH2spec();
    service = await startHttpService((request, response) => {
      request.resume();
      response.end("hello");
    });
    bare = await startBareServer();
    lab = await HttpLab.start({
      services: [{ name: "spec", port: service.port, route: null }],
      // h2spec can only ask for the name that it connects to.
      objects: [httpRoute("localhost", ["localhost"], { backendRefs: [backendRef("spec")] })],
      // A name that the dashboard has, no tunnel gets.
      env: { CULVERT_PUBLIC_URL: "http://dashboard.example.test" },
    });
  }, GO_BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await lab?.stop();
    await service?.close();
    bare?.close();
  });

  it("every case passes but those that are known by name, as node:http2 itself has them", async () => {
    const [edge, node] = await Promise.all([
      runH2spec(program, lab.edgePort),
      runH2spec(program, (bare.address() as AddressInfo).port),
    ]);
    expect(edge.passed.length + edge.failed.length).toBe(CASES);
    const known = { ...OF_NGHTTP2, ...OF_A_SHARED_PORT };
    expect(edge.failed.filter((name) => !(name in known))).toEqual([]);
    // Not equal lists: a few cases are races, in which either may do better.
    expect(node.failed.filter((name) => !(name in OF_NGHTTP2))).toEqual([]);
    expect(node.failed.length).toBeGreaterThan(0);
    await eventually("no request is left in flight", async () => {
      const { connections } = await lab.server.api(TunnelDto, `/tunnels/${lab.tunnel.id}`);
      return connections.open === 0 ? true : undefined;
    });
  });
});
