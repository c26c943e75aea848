import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ListenerKey } from "#protocol/control/inventory.ts";
import { parseAgentConfig } from "./config/config.ts";
import { createLog } from "./log.ts";
import { runAgent } from "./run.ts";
import { startEcho, startService, type TestService } from "./testing/services.ts";
import { TestHub, type TestHubOptions } from "./testing/test-hub.ts";

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Running {
  readonly drain: AbortController;
  readonly kill: AbortController;
  readonly exit: Promise<number>;
  readonly lines: { level: string; message: string }[];
}

function startAgent(
  url: string,
  exposes: readonly string[],
  env: Record<string, string> = {},
): Running {
  const parsed = parseAgentConfig({
    env: { CULVERT_URL: url, CULVERT_TOKEN: "cvt_test", CULVERT_AGENT_PORT: "0", ...env },
    fileText: null,
    flags: {},
    exposes,
    hostname: "test-host",
    isTerminal: false,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  const drain = new AbortController();
  const kill = new AbortController();
  const lines: { level: string; message: string }[] = [];
  const exit = runAgent({
    config: parsed.config,
    log: createLog({
      level: "debug",
      format: "json",
      now: () => new Date(),
      write: (line) => lines.push(JSON.parse(line) as { level: string; message: string }),
    }),
    drain: drain.signal,
    kill: kill.signal,
    memoryBytes: () => 1,
    drainMs: 5_000,
  });
  cleanups.push(async () => {
    drain.abort();
    kill.abort();
    await exit;
  });
  return { drain, kill, exit, lines };
}

async function startHub(options: TestHubOptions = {}, port = 0): Promise<TestHub> {
  const hub = await new TestHub(options).listen(port);
  cleanups.push(() => hub.close());
  return hub;
}

async function keep(service: Promise<TestService>): Promise<TestService> {
  const started = await service;
  cleanups.push(() => started.close());
  return started;
}

const key = (name: string, port: number): ListenerKey => ({
  namespace: "expose",
  gateway: name,
  protocol: "tcp",
  port,
  hostname: null,
});

describe("connecting", () => {
  it("greets, registers, reports its inventory and sends heartbeats", async () => {
    const hub = await startHub({ heartbeatIntervalMs: 50 });
    startAgent(hub.url, ["db=tcp://127.0.0.1:5432"], { CULVERT_CLUSTER_NAME: "lab" });
    const link = await hub.untilUp();
    expect(link.messages.map(({ type }) => type).slice(0, 2)).toEqual([
      "gateway_hello_ack",
      "register",
    ]);
    expect(link.find("register")?.payload).toMatchObject({
      agentId: "test-host",
      clusterName: "lab",
      limits: { maxConnections: 10_000, connectionTimeoutMs: 30_000 },
    });
    expect(link.inventories[0]).toMatchObject({
      source: "expose",
      gateways: [{ namespace: "expose", name: "db", listeners: [{ port: 5432 }] }],
    });
    const beats = (): number => link.messages.filter(({ type }) => type === "heartbeat").length;
    await hub.until("three heartbeats", () => beats() >= 3);
  });

  it("waits for a server that starts later", async () => {
    const hub = new TestHub();
    await hub.listen();
    const { port, url } = hub;
    await hub.close();
    startAgent(url, ["db=tcp://127.0.0.1:5432"]);
    const later = await startHub({}, port);
    await later.untilUp();
  });

  it("comes back when its link is cut, as the same instance", async () => {
    const hub = await startHub();
    startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    const first = await hub.untilUp();
    first.socket.destroy();
    await hub.until("another link", () => hub.links.length > 1);
    const second = await hub.untilUp();
    const instance = (link: typeof first): string | undefined =>
      link.find("register")?.payload.instanceId;
    expect(instance(second)).toBe(instance(first));
  });

  it("tries again after every refusal that may pass", async () => {
    let refusals = 3;
    const hub = await startHub({ refuse: () => (refusals-- > 0 ? { status: 503 } : null) });
    const agent = startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    await hub.untilUp();
    expect(hub.dials).toBe(4);
    // One outage is one line, and one more when it is over.
    expect(agent.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    expect(agent.lines.filter(({ message }) => message === "Connected again")).toHaveLength(1);
  });

  it("holds back after a refused token, and says so", async () => {
    const hub = await startHub({ token: "another" });
    const agent = startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    await hub.until("a dial", () => hub.dials > 0);
    const other = await startHub();
    // Long enough for any quick retry: another agent connects in the meantime.
    startAgent(other.url, ["db=tcp://127.0.0.1:5432"]);
    await other.untilUp();
    expect(hub.dials).toBe(1);
    expect(agent.lines.find(({ level }) => level === "warn")).toMatchObject({
      retryInMs: expect.any(Number) as number,
    });
  });

  it("closes a link whose server falls silent, and dials again", async () => {
    const hub = await startHub({ heartbeatIntervalMs: 60, isDeaf: true });
    startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    const first = await hub.untilUp();
    const closed = await hub.until("the close", () => first.closed);
    expect(closed.code).toBe(4408);
    await hub.until("another dial", () => hub.dials > 1);
  });

  it("closes a link whose server speaks another version", async () => {
    const hub = await startHub({ protocolVersion: 99 });
    startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    const link = await hub.until("a link", () => hub.links[0]);
    expect(await hub.until("the close", () => link.closed)).toMatchObject({ code: 4406 });
  });

  it("closes a link whose server talks nonsense", async () => {
    const hub = await startHub({ isMute: true });
    startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    const link = await hub.until("a link", () => hub.links[0]);
    link.socket.sendText('{"type":"gateway_hello","payload":{}}');
    expect(await hub.until("the close", () => link.closed)).toMatchObject({ code: 4400 });
  });

  it("holds one link to every relay it is told of", async () => {
    // Whoever dials reaches the relays in no order of its choosing.
    const answers = ["rl_1", "rl_1", "rl_1", "rl_2", "rl_1", "rl_3"];
    const relayIds = ["rl_1", "rl_2", "rl_3"];
    const hub = await startHub({ relayIds, relayId: () => answers.shift() ?? "rl_3" });
    startAgent(hub.url, ["db=tcp://127.0.0.1:5432"]);
    const up = (): string[] =>
      hub.links
        .filter((link) => link.isOpen && link.inventories.length > 0)
        .map(({ relayId }) => relayId);
    await hub.until("three links", () => up().length === 3);
    expect(up().sort()).toEqual(relayIds);
    const duplicates = hub.links.filter((link) => link.find("register") === null);
    await hub.until("the others to close", () => duplicates.every(({ closed }) => closed !== null));
    for (const { closed } of duplicates) expect(closed?.code).toBe(4409);
  });

  it("dials a new link when the server drains, while the old one carries on", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`]);
    const old = await hub.untilUp();
    const stream = old.open(key("echo", echo.port), { first: "one" });
    await stream.reply;
    old.send("drain", { reason: "the relay is upgraded" });
    const fresh = await hub.untilUp(2);
    expect(fresh).not.toBe(old);
    stream.stream.write(Buffer.from("two"));
    expect(await stream.untilReceived(6)).toBe("onetwo");
  });
});

describe("forwarding", () => {
  it("carries bytes both ways and keeps the half-close", async () => {
    const hub = await startHub();
    const service = await keep(
      startService((socket) => {
        const chunks: Buffer[] = [];
        socket.on("data", (chunk: Buffer) => chunks.push(chunk));
        // Answers only after the client has ended: the other direction must still be open.
        socket.on("end", () => socket.end(Buffer.concat(chunks).toString().toUpperCase()));
      }),
    );
    startAgent(hub.url, [`svc=tcp://127.0.0.1:${service.port}`]);
    const link = await hub.untilUp();
    const stream = link.open(key("svc", service.port), { first: "hel" });
    expect(await stream.reply).toEqual({ status: "ok", message: "" });
    stream.stream.write(Buffer.from("lo"));
    stream.stream.end();
    expect(await stream.text).toBe("HELLO");
    expect(await stream.end).toBe("ended");
  });

  it("keeps the order of what came before the service answered, end included", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`]);
    const link = await hub.untilUp();
    const parts = Array.from({ length: 200 }, (_none, n) => `${n},`);
    const streams = Array.from({ length: 20 }, () => {
      const stream = link.open(key("echo", echo.port));
      for (const part of parts) stream.stream.write(Buffer.from(part));
      stream.stream.end();
      return stream;
    });
    for (const stream of streams) expect(await stream.text).toBe(parts.join(""));
  });

  it.each([
    ["refused", "127.0.0.1", 1],
    ["not_found", "nowhere.invalid", 5432],
    ["forbidden", "169.254.169.254", 80],
    ["forbidden", "fe80::1", 80],
  ])("tells the server: %s", async (status, host, port) => {
    const hub = await startHub();
    startAgent(hub.url, [`svc=tcp://${host.includes(":") ? `[${host}]` : host}:${port}`]);
    const link = await hub.untilUp();
    const stream = link.open(key("svc", port), { first: "bytes nobody reads" });
    const reply = await stream.reply;
    // A machine without any resolver cannot tell that a name does not exist.
    expect(status === "not_found" ? ["not_found", "failed", "timeout"] : [status]).toContain(
      reply.status,
    );
    expect(reply.message).not.toBe("");
    stream.stream.end();
    expect(await stream.end).toBe("ended");
  });

  it("refuses what it did not report, whatever the server asks", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`]);
    const link = await hub.untilUp();
    const wrong: ListenerKey[] = [
      key("echo", 22),
      key("other", echo.port),
      { ...key("echo", echo.port), namespace: "kube-system" },
      { ...key("echo", echo.port), protocol: "udp" },
      { ...key("echo", echo.port), hostname: "x" },
    ];
    for (const target of wrong) expect((await link.open(target).reply).status).toBe("forbidden");
    expect(echo.sockets).toHaveLength(0);
  });

  it("gives up dialling after the time the server allows", async () => {
    const hub = await startHub();
    // A documentation address: routed nowhere, or refused by a firewall at once.
    startAgent(hub.url, ["svc=tcp://192.0.2.1:81"]);
    const link = await hub.untilUp();
    const { status } = await link.open(key("svc", 81), { connectTimeoutMs: 200 }).reply;
    expect(["timeout", "failed", "refused"]).toContain(status);
  });

  it("refuses connection n + 1 and takes one again when another has ended", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`], {
      CULVERT_TUNNELS_TCP_MAX_CONNECTIONS: "2",
    });
    const link = await hub.untilUp();
    const open = (): ReturnType<typeof link.open> => link.open(key("echo", echo.port));
    const held = [open(), open()];
    for (const stream of held) expect((await stream.reply).status).toBe("ok");
    expect((await open().reply).status).toBe("limit_reached");
    held[0]?.stream.end();
    await held[0]?.end;
    expect((await open().reply).status).toBe("ok");
  });

  it("resets the client when the service resets, and the service when the client does", async () => {
    const hub = await startHub();
    const service = await keep(
      startService((socket) => socket.once("data", () => socket.resetAndDestroy())),
    );
    startAgent(hub.url, [`svc=tcp://127.0.0.1:${service.port}`]);
    const link = await hub.untilUp();
    const cut = link.open(key("svc", service.port), { first: "go" });
    expect(await cut.end).toBe("reset_by_peer");

    const quiet = link.open(key("svc", service.port));
    await quiet.reply;
    const gone = new Promise((resolve) => service.sockets.at(-1)?.once("close", resolve));
    quiet.stream.reset();
    await gone;
  });

  it("cuts the services' connections when the link dies", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`]);
    const link = await hub.untilUp();
    await link.open(key("echo", echo.port)).reply;
    const gone = new Promise((resolve) => echo.sockets[0]?.once("close", resolve));
    link.socket.destroy();
    await gone;
  });
});

describe("discovery from files", () => {
  const manifest = (port: number, target: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop, labels: { culvert.dev/managed: "true" } }
spec: { listeners: [{ name: echo, protocol: TCP, port: ${port} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: echo, namespace: shop }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: echo, port: 7 }] }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: echo-1, namespace: shop, labels: { kubernetes.io/service-name: echo } }
addressType: IPv4
ports: [{ port: ${target} }]
endpoints: [{ addresses: [127.0.0.1] }]
`;

  it("publishes what is in the folder and follows its changes", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    const folder = await mkdtemp(join(tmpdir(), "culvert-test-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "echo.yaml"), manifest(7, echo.port));
    const { lines } = startAgent(hub.url, [], { CULVERT_DISCOVERY: `file:${folder}` });
    const link = await hub.untilUp();
    const target = {
      namespace: "shop",
      gateway: "edge",
      protocol: "tcp",
      port: 7,
      hostname: null,
    } as const;
    const later = { ...target, port: 8 };
    const endpoints = [{ kind: "relay" as const, address: "relay.example.com:15001" }];
    // As another agent of the cluster has it already.
    link.send("published", { listeners: [{ key: later, mode: "tunnel", endpoints }] });
    const open = link.open(target, { first: "hi" });
    expect((await open.reply).status).toBe("ok");
    expect(lines.map(({ message }) => message)).not.toContain("Published");

    await writeFile(join(folder, "echo.yaml"), manifest(8, echo.port));
    const changed = await hub.until("the change", () => link.inventories[1]);
    expect(changed.gateways[0]?.listeners[0]?.port).toBe(8);
    expect(changed.generation).toBeGreaterThan(link.inventories[0]?.generation ?? 0);
    expect(lines.map(({ message }) => message)).toContain("Published");
    // What is no longer published is not dialled; what is open lives on.
    expect((await link.open(target).reply).status).toBe("forbidden");
    open.stream.write(Buffer.from("!"));
    expect(await open.untilReceived(3)).toBe("hi!");
  });
});

describe("stopping", () => {
  it("drains: says so, lets what is open end, closes with 1001 and returns 0", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    const agent = startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`]);
    const link = await hub.untilUp();
    const stream = link.open(key("echo", echo.port), { first: "a" });
    await stream.untilReceived(1);
    agent.drain.abort();
    await hub.until("the drain", () => link.find("drain"));
    stream.stream.write(Buffer.from("b"));
    expect(await stream.untilReceived(2)).toBe("ab");
    expect(link.closed).toBeNull();
    stream.stream.end();
    expect(await agent.exit).toBe(0);
    expect(await hub.until("the close", () => link.closed)).toMatchObject({ code: 1001 });
    expect(hub.dials).toBe(1);
  });

  it("stops at once when told twice", async () => {
    const hub = await startHub();
    const echo = await keep(startEcho());
    const agent = startAgent(hub.url, [`echo=tcp://127.0.0.1:${echo.port}`]);
    const link = await hub.untilUp();
    await link.open(key("echo", echo.port)).reply;
    agent.drain.abort();
    await hub.until("the drain", () => link.find("drain"));
    agent.kill.abort();
    expect(await agent.exit).toBe(0);
    await hub.until("the close", () => link.closed);
  });

  it("stops while no server is there", async () => {
    const agent = startAgent("http://127.0.0.1:1", ["db=tcp://127.0.0.1:5432"]);
    agent.drain.abort();
    expect(await agent.exit).toBe(0);
  });
});
