import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  createHarnessBook,
  desiredOf,
  dial,
  freePort,
  listenAnywhere,
  TUNNEL,
  tunnelOf,
} from "#server/hub/testing/relay-harness.ts";
import { systemClock } from "#server/lib/clock.ts";
import { createSharedPorts, EXCLUSIVE_PORTS, type PortClaims } from "./port-claims.ts";
import { PortListener, type PortState } from "./port-listener.ts";
import { bindTcpPort } from "./tcp-port.ts";

const book = createHarnessBook();
const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  await book.close();
  for (const close of closers.splice(0).reverse()) await close();
});

async function occupyPort() {
  const server = createServer();
  const port = await listenAnywhere(server);
  const release = (): Promise<unknown> => new Promise((resolve) => server.close(resolve));
  closers.push(release);
  return { port, release };
}

function listen(port: number, claims: PortClaims = EXCLUSIVE_PORTS) {
  const states: PortState[] = [];
  const listener = new PortListener({
    transport: "tcp",
    host: "127.0.0.1",
    port,
    claims,
    clock: systemClock,
    retryDelayMs: 20,
    bind: (options) => bindTcpPort(options, (socket) => void socket.destroy()),
    onState: (state) => void states.push(state),
  });
  closers.push(() => listener.stop());
  return { listener, states };
}

describe("a relay port", () => {
  it("opens, and frees its port at once when it is stopped", async () => {
    const port = await freePort();
    const { listener, states } = listen(port);
    await listener.start();
    (await dial(port)).destroy();
    listener.stop();
    listener.stop();
    const next = listen(port);
    await next.listener.start();
    expect(states.map(({ state }) => state)).toEqual(["listening", "stopped"]);
    expect(next.states.map(({ state }) => state)).toEqual(["listening"]);
  });

  it("says who holds a port that is taken, once, and opens when it is free", async () => {
    const { port, release } = await occupyPort();
    const { listener, states } = listen(port);
    await listener.start();
    expect(states).toMatchObject([{ state: "failed", port }]);
    expect(states[0]?.reason).toContain(String(port));
    await release();
    await expect.poll(() => states.map(({ state }) => state)).toEqual(["failed", "listening"]);
    (await dial(port)).destroy();
  });

  it("stops trying when it is stopped while the port is taken", async () => {
    const { port, release } = await occupyPort();
    const { listener } = listen(port);
    await listener.start();
    listener.stop();
    await release();
    await expect(dial(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("tells the web process about a port that is taken by someone else, and about its recovery", async () => {
    const { port, release } = await occupyPort();
    const { web } = await book.start({
      desired: desiredOf({ tunnels: [tunnelOf({ relayPort: port })] }),
    });
    const failed = await web.event("listener", ({ listener }) => listener.state === "failed");
    expect(failed.listener).toMatchObject({ tunnelId: TUNNEL, port });
    await release();
    await web.event("listener", ({ listener }) => listener.state === "listening");
  });
});

describe("ports shared by sibling processes", () => {
  async function setup() {
    const folder = await mkdtemp(join(tmpdir(), "culvert-ports-"));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const alive = new Set([101, 102]);
    const claims = (pid: number): PortClaims =>
      createSharedPorts({ folder, pid, isAlive: (other) => alive.has(other) });
    return { folder, alive, claims };
  }

  it("lets siblings listen on one port, also when they start at the same moment", async () => {
    const { claims, folder } = await setup();
    const port = await freePort();
    const both = [listen(port, claims(101)), listen(port, claims(102))];
    await Promise.all(both.map(({ listener }) => listener.start()));
    for (const { states } of both) expect(states).toMatchObject([{ state: "listening" }]);
    for (const { listener } of both) listener.stop();
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses a port that somebody else shares, whatever a dead sibling has left behind", async () => {
    const { claims, alive, folder } = await setup();
    const port = await freePort();
    await claims(101).bind({ host: "127.0.0.1", port, transport: "tcp" }, () => Promise.resolve());
    await writeFile(join(folder, `${port}.lock`), "101");
    alive.delete(101);
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen({ port, reusePort: true }, resolve));
    closers.push(() => new Promise((resolve) => stranger.close(resolve)));
    const { listener, states } = listen(port, claims(102));
    await listener.start();
    expect(states).toMatchObject([{ state: "failed" }]);
    expect(await readdir(folder)).toEqual([]);
  });
});
