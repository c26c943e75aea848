import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { FakeAgent, inventoryOf } from "#server/hub/testing/fake-agent.ts";
import {
  desiredOf,
  dial,
  freePort,
  GATEWAY_PORT,
  listenAnywhere,
  readAll,
  TOKEN,
  tunnelOf,
} from "#server/hub/testing/relay-harness.ts";
import { FakeWeb } from "./testing/fake-web.ts";

const PROGRAM = fileURLToPath(new URL("./main.ts", import.meta.url));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function createRunDir(): Promise<string> {
  const runDir = await mkdtemp(join(tmpdir(), "culvert-main-"));
  closers.push(() => rm(runDir, { recursive: true, force: true }));
  return runDir;
}

async function setup(env: Record<string, string> = {}) {
  const runDir = env["CULVERT_RUN_DIR"] ?? (await createRunDir());
  const sockets = { web: join(runDir, "web.sock"), control: join(runDir, "control.sock") };
  const web = new FakeWeb(sockets, "channel secret");
  closers.push(() => web.stop());
  const port = await freePort();
  const child = fork(PROGRAM, [], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {
      NODE_ENV: "test",
      PATH: process.env["PATH"] ?? "",
      CULVERT_HOST: "127.0.0.1",
      CULVERT_RELAY_BIND: "127.0.0.1",
      CULVERT_PORT: String(port),
      CULVERT_RUN_DIR: runDir,
      CULVERT_CHANNEL_SECRET: "channel secret",
      ...env,
    },
  });
  closers.push(() => child.kill("SIGKILL"));
  const ready = once(child, "message").then(([message]: unknown[]) => message);
  return { child, web, port, ready, exited: exitOf(child) };
}

async function exitOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  const stderr = child.stderr === null ? "" : text(child.stderr);
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, stderr: await stderr };
}

/** A running relay with one connection through it. */
async function withConnection(env: Record<string, string> = {}) {
  const running = await setup(env);
  await running.ready;
  const relayPort = await freePort();
  await running.web.start(desiredOf({ tunnels: [tunnelOf({ relayPort })] }));
  await running.web.message(({ type }) => type === "applied");
  const service = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  closers.push(() => void service.close());
  const target = await listenAnywhere(service);
  const agent = new FakeAgent({ port: running.port, token: TOKEN, target: () => target });
  closers.push(() => agent.kill());
  await agent.start(inventoryOf([GATEWAY_PORT]));
  const client = await dial(relayPort);
  closers.push(() => client.destroy());
  client.write("x");
  await once(client, "data");
  return { ...running, relayPort, agent, client };
}

describe("the relay program", () => {
  it("says when it is ready and on which port", async () => {
    const { ready, port } = await setup();
    expect(await ready).toEqual({ type: "ready", port });
  });

  it("says one sentence and exits with 78 when its port is taken", async () => {
    const other = createServer();
    const port = await listenAnywhere(other);
    closers.push(() => void other.close());
    const { exited } = await setup({ CULVERT_PORT: String(port) });
    const { code, stderr } = await exited;
    expect(code).toBe(78);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(String(port));
  });

  it("shares its port with siblings, and with nobody else", async () => {
    const shared = {
      CULVERT_RUN_DIR: await createRunDir(),
      CULVERT_PORT: String(await freePort()),
      CULVERT_RELAY_IDS: "rl_1,rl_2",
    };
    const siblings = await Promise.all([
      setup({ ...shared, CULVERT_RELAY_ID: "rl_1" }),
      setup({ ...shared, CULVERT_RELAY_ID: "rl_2" }),
    ]);
    await Promise.all(siblings.map(({ ready }) => ready));
    const stranger = await setup({ ...shared, CULVERT_RUN_DIR: await createRunDir() });
    expect((await stranger.exited).code).toBe(78);
  });

  it("says one sentence and exits with 78 when nobody told it what it needs", async () => {
    const { exited } = await setup({ CULVERT_RELAY_ID: "nonsense" });
    expect(await exited).toMatchObject({ code: 78 });
  });

  it("lets connections end after SIGTERM, then exits with 0", async () => {
    const { child, client, agent, exited, relayPort, web } = await withConnection();
    child.kill("SIGTERM");
    await agent.message("drain");
    await expect(dial(relayPort)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.end("last words");
    expect((await readAll(client)).text).toBe("last words");
    expect((await exited).code).toBe(0);
    expect((await web.event("connection_closed")).connection.closeReason).toBe("completed");
    expect((await agent.closed).code).toBe(1001);
  });

  it("cuts what does not end in time, and says so", async () => {
    const { child, client, exited, web } = await withConnection({ CULVERT_DRAIN_SECONDS: "0.2" });
    const answer = readAll(client);
    child.kill("SIGTERM");
    expect((await answer).error).toBe("ECONNRESET");
    expect((await exited).code).toBe(0);
    const { connection } = await web.event("connection_closed");
    expect(connection.closeReason).toBe("relay_shutdown");
  });

  it("exits at once at the second SIGTERM", async () => {
    const { child, agent, exited } = await withConnection();
    child.kill("SIGTERM");
    await agent.message("drain");
    child.kill("SIGTERM");
    expect((await exited).code).toBe(1);
  });

  it("drains and ends when its supervisor is gone", async () => {
    const { child, client, agent, exited } = await withConnection();
    child.disconnect();
    await agent.message("drain");
    client.end();
    expect((await exited).code).toBe(0);
  });
});
