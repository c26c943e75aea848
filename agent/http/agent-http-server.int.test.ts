import { afterEach, expect, it } from "vitest";
import { createLog } from "../log.ts";
import { AgentHttpServer, type AgentStatus } from "./agent-http-server.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setup(port = 0) {
  const lines: string[] = [];
  const status: { -readonly [K in keyof AgentStatus]: AgentStatus[K] } = {
    version: "1.2.3",
    uptimeSeconds: 5,
    isReady: false,
    links: 0,
    linksWanted: 1,
    connectionsOpen: 2,
    connectionsTotal: 3,
    connectionsFailed: 1,
  };
  const server = new AgentHttpServer({
    port,
    status: () => status,
    log: createLog({
      level: "info",
      format: "json",
      now: () => new Date(),
      write: (line) => lines.push(line),
    }),
  });
  const listening = await server.start();
  cleanups.push(() => server.close());
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${listening ?? 0}${path}`);
  return { get, status, lines, listening };
}

it("is alive whatever the link, and ready only with one", async () => {
  const { get, status } = await setup();
  expect((await get("/health")).status).toBe(200);
  expect((await get("/ready")).status).toBe(503);
  status.isReady = true;
  expect((await get("/ready")).status).toBe(200);
});

it("tells its version and its figures, and nothing else", async () => {
  const { get } = await setup();
  expect(await (await get("/version")).json()).toEqual({ version: "1.2.3" });
  expect(await (await get("/metrics")).text()).toContain("culvert_agent_connections_open 2\n");
  expect((await get("/nothing")).status).toBe(404);
});

it("warns about a port that is taken, and goes on", async () => {
  const { listening } = await setup();
  const second = await setup(listening ?? 0);
  expect(second.listening).toBeNull();
  expect(second.lines).toHaveLength(1);
});
