import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, findFreePort } from "../harness/process.ts";
import { ask, open, type Question } from "./harness/http-client.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { backendRef, hostOf, httpRoute } from "./harness/http-objects.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/** How long requests wait for an agent, the shortest that a tunnel may have. */
const LINK_WAIT_MS = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let service: HttpBackend;
let silent: Server;
let rude: Server;
let lab: HttpLab;

/** Waits until the relay has heard of a change. @param code null where the service answers. */
const untilAnswered = (code: string | null): Promise<true> =>
  eventually(`the site answers with ${code ?? "its own"}`, async () => {
    const { headers } = await ask(lab.site("web"));
    return (headers["culvert-error"] ?? null) === code || undefined;
  });

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  service = await startHttpService((request, response) => {
    if (request.url === "/held") response.flushHeaders();
    else response.end("hello");
  });
  silent = createServer((socket) => socket.on("error", () => socket.destroy()));
  rude = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end("what?\r\n\r\n"));
  });
  lab = await HttpLab.start({
    services: [
      { name: "web", port: service.port },
      { name: "refusing", port: await findFreePort() },
      { name: "unready", port: null },
      { name: "silent", port: await listen(silent), route: null },
      { name: "rude", port: await listen(rude) },
    ],
    objects: [
      httpRoute("slow", [hostOf("slow")], {
        timeouts: { request: "300ms" },
        backendRefs: [backendRef("silent")],
      }),
      httpRoute("slow-backend", [hostOf("slow-backend")], {
        timeouts: { backendRequest: "300ms" },
        backendRefs: [backendRef("silent")],
      }),
      httpRoute("nowhere", [hostOf("nowhere")], { backendRefs: [backendRef("no-such-service")] }),
      httpRoute("part", [hostOf("part")], {
        matches: [{ path: { value: "/part" } }],
        backendRefs: [backendRef("web")],
      }),
    ],
  });
  await lab.change({ policy: { connectTimeoutMs: LINK_WAIT_MS } });
});

afterAll(async () => {
  await lab.stop();
  await service.close();
  silent.close();
  rude.close();
});

/** The same answer for a machine and for a browser. */
async function expectAnswer(
  site: Site,
  wanted: { readonly status: number; readonly code: string },
  question: Question = {},
): Promise<void> {
  const askFor = (accept: string) =>
    ask(site, { ...question, headers: { ...question.headers, accept } });
  const [machine, browser] = await Promise.all([askFor("*/*"), askFor(BROWSER)]);
  expect(machine.status).toBe(wanted.status);
  expect(machine.headers["culvert-error"]).toBe(wanted.code);
  expect(machine.headers["content-type"]).toBe("application/json");
  expect(machine.headers["cache-control"]).toBe("no-store");
  const { error } = JSON.parse(machine.text) as { error: Record<string, unknown> };
  expect(error).toMatchObject({ code: wanted.code, requestId: machine.headers["x-request-id"] });
  expect(error["requestId"]).toMatch(UUID);

  expect(browser.status).toBe(wanted.status);
  expect(browser.headers["culvert-error"]).toBe(wanted.code);
  expect(browser.headers["content-type"]).toMatch(/^text\/html/);
  expect(browser.text).toContain("<!doctype html>");
  expect(browser.text).toContain(String(browser.headers["x-request-id"]));
}

describe("what the edge answers itself, to machines and to browsers", () => {
  it.each([
    ["no such host", "nobody", { status: 404, code: "no_such_host" }],
    ["a service that refuses", "refusing", { status: 502, code: "backend_refused" }],
    ["a service without a replica that is ready", "unready", { status: 503, code: "no_backend" }],
    ["a service that speaks something else", "rude", { status: 502, code: "backend_failed" }],
    [
      "a service that is slower than the request may be",
      "slow",
      { status: 504, code: "backend_timeout" },
    ],
    [
      "a service that is slower than it may be",
      "slow-backend",
      { status: 504, code: "backend_timeout" },
    ],
    ["a route to a Service that does not exist", "nowhere", { status: 500, code: "route_invalid" }],
    ["a path that no rule is for", "part", { status: 404, code: "no_route" }],
  ])("%s", async (_title, name, wanted) => {
    await expectAnswer(lab.site(name), wanted);
  });

  it("a page of another site that opens a WebSocket, and none of its own", async () => {
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const from = (origin: string): Question => ({ headers: { ...upgrade, origin } });
    const site = lab.site("web");
    const wanted = { status: 403, code: "origin_forbidden" };
    await expectAnswer(site, wanted, from("http://evil.example.test"));
    await expectAnswer(site, wanted, from(`http://${site.host}.evil.test`));
    const own = await ask(site, from(`http://${site.host}`));
    expect({ status: own.status, text: own.text }).toEqual({ status: 200, text: "hello" });
  });

  it("keeps the request's id where the client has a plain one", async () => {
    const reply = await ask(lab.site("refusing"), { headers: { "x-request-id": "order-17" } });
    expect(reply.headers["x-request-id"]).toBe("order-17");
    const odd = await ask(lab.site("refusing"), { headers: { "x-request-id": "<script>" } });
    expect(odd.headers["x-request-id"]).toMatch(UUID);
  });

  it("more requests at once than the tunnel's policy allows", async () => {
    await lab.change({ policy: { maxConnections: 1 } });
    const held = await open(lab.site("web"), { path: "/held" });
    await untilAnswered("limit_reached");
    await expectAnswer(lab.site("web"), { status: 503, code: "limit_reached" });
    held.destroy();
    await lab.change({ policy: { maxConnections: null } });
    await untilAnswered(null);
  });

  it("a site that is switched off", async () => {
    await lab.change({ enabled: false });
    await untilAnswered("tunnel_off");
    await expectAnswer(lab.site("web"), { status: 503, code: "tunnel_off" });
    await lab.change({ enabled: true });
    await untilAnswered(null);
  });

  it("no agent, once the only one is gone", async () => {
    await lab.agent.kill("SIGKILL");
    await untilAnswered("agent_offline");
    await expectAnswer(lab.site("web"), { status: 503, code: "agent_offline" });
  });
});
