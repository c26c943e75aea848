import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createLog } from "../log.ts";
import { AgentHttpServer } from "./agent-http-server.ts";
import type { AgentStatus } from "./agent-status.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setup(port = 0) {
  const lines: string[] = [];
  const status: { -readonly [K in keyof AgentStatus]: AgentStatus[K] } = {
    version: "1.2.3",
    uptimeSeconds: 5,
    links: { connected: 1, wanted: 2 },
    linkTrouble: null,
    discoveryWaits: null,
    isDraining: false,
    isEventLoopStuck: false,
    discoveryStuck: null,
  };
  const server = new AgentHttpServer({
    port,
    status: () => status,
    metrics: () => "culvert_agent_links 1\n",
    log: createLog({
      level: "info",
      format: "json",
      now: () => new Date(),
      write: (line) => lines.push(line),
    }),
  });
  const listening = await server.start();
  cleanups.push(() => server.close());
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${listening ?? 0}${path}`, init);
  return { get, status, lines, listening };
}

it.each([
  ["without a link", { links: { connected: 0, wanted: 1 } }, 1],
  ["before the first complete look", { discoveryWaits: ["Gateways are denied."] }, 1],
  ["while it shuts down", { isDraining: true }, 1],
  [
    "with nothing at all",
    { links: { connected: 0, wanted: 1 }, discoveryWaits: ["Gateways are denied."] },
    2,
  ],
])("is alive and not ready %s, and says why", async (_when, over, reasons) => {
  const { get, status } = await setup();
  expect((await get("/ready")).status).toBe(200);
  Object.assign(status, over);
  const ready = await get("/ready");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    status: "not_ready",
    reasons: Array.from({ length: reasons }, () => expect.any(String) as string),
  });
  expect((await get("/health")).status).toBe(200);
});

it.each([
  ["the event loop is stuck", { isEventLoopStuck: true }],
  ["discovery is stuck", { discoveryStuck: "Reading the folder does not end." }],
])("fails its health when %s", async (_what, over) => {
  const { get, status } = await setup();
  Object.assign(status, over);
  const health = await get("/health");
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({
    status: "stuck",
    reasons: [expect.any(String) as string],
  });
});

it("tells its version and its figures", async () => {
  const { get } = await setup();
  expect(await (await get("/version")).json()).toEqual({ version: "1.2.3" });
  const metrics = await get("/metrics?x=1");
  expect(metrics.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  expect(await metrics.text()).toBe("culvert_agent_links 1\n");
});

it.each(["/nothing", "/", "/healthz/more", "/__proto__"])("does not know %s", async (path) => {
  const { get } = await setup();
  const answer = await get(path);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ status: "not_found" });
});

it("is only read from", async () => {
  const { get } = await setup();
  const answer = await get("/metrics", { method: "POST", body: "x" });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
  const head = await get("/health", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

it("refuses headers beyond its bound", async () => {
  const { get } = await setup();
  expect((await get("/health", { headers: { x: "y".repeat(9_000) } })).status).toBe(431);
});

it("bounds how many may be connected", async () => {
  const { listening } = await setup();
  const sockets = Array.from({ length: 65 }, () =>
    connect({ port: listening ?? 0, host: "127.0.0.1" }),
  );
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
  });
  for (const socket of sockets) socket.on("error", () => undefined);
  await Promise.race(sockets.map((socket) => new Promise((end) => socket.once("close", end))));
  expect(sockets.filter((socket) => !socket.closed)).toHaveLength(64);
});

it("warns about a port that is taken, and goes on", async () => {
  const { listening } = await setup();
  const second = await setup(listening ?? 0);
  expect(second.listening).toBeNull();
  expect(second.lines).toHaveLength(1);
});
