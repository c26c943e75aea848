import { afterEach, describe, expect, it } from "vitest";
import { CLOSE_CODES } from "#protocol/control/close-codes.ts";
import { diffInventory } from "#protocol/control/inventory-change.ts";
import { deriveAgentId } from "./agent-id.ts";
import { inventoryOf } from "./testing/fake-agent.ts";
import {
  CLUSTER,
  createHarnessBook,
  desiredOf,
  GATEWAY_PORT,
  TOKEN,
  tokenOf,
} from "./testing/relay-harness.ts";

const book = createHarnessBook();
afterEach(book.close);

describe("admission of agents", () => {
  it("refuses a token that was never given out", async () => {
    const { agent, web } = await book.start();
    expect(await agent({ token: "cvt_guess" }).dial()).toMatchObject({
      kind: "refused",
      status: 401,
    });
    const { refusal } = await web.event("refusal");
    expect(refusal).toMatchObject({ clusterId: null, code: 401, address: "127.0.0.1" });
  });

  it("refuses a request without any token", async () => {
    const { agent } = await book.start();
    const bare = agent({ headers: { authorization: "" } });
    expect(await bare.dial()).toMatchObject({ kind: "refused", status: 401 });
  });

  it("refuses a token that has expired", async () => {
    const expired = tokenOf(TOKEN, { expiresAt: Date.now() - 1 });
    const { agent } = await book.start({ desired: desiredOf({ tokens: [expired] }) });
    expect(await agent().dial()).toMatchObject({ kind: "refused", status: 401 });
  });

  it("refuses the replay of a token that was revoked, and closes what was opened with it", async () => {
    const { agent, serve, web } = await book.start();
    const linked = await serve(1);
    await web.desire(desiredOf({ tokens: [] }));
    expect(await linked.closed).toMatchObject({ code: CLOSE_CODES.token_revoked.code });
    expect(await agent().dial()).toMatchObject({ kind: "refused", status: 401 });
  });

  it("closes the links of a token when its time comes", async () => {
    const { serve, clock, relay } = await book.start({
      desired: desiredOf({ tokens: [tokenOf(TOKEN, { expiresAt: Date.now() + 60_000 })] }),
      settings: { heartbeatIntervalMs: 1_000_000 },
    });
    const linked = await serve(1);
    relay.sweep();
    expect(relay.links()).toHaveLength(1);
    clock.advance(60_000);
    relay.sweep();
    expect(await linked.closed).toMatchObject({ code: CLOSE_CODES.token_revoked.code });
  });

  it("closes the links of a cluster that is deleted", async () => {
    const { serve, web } = await book.start();
    const linked = await serve(1);
    await web.desire(desiredOf({ clusters: [], tokens: [] }));
    expect(await linked.closed).toMatchObject({ code: CLOSE_CODES.cluster_deleted.code });
    const closed = await web.event("link_closed");
    expect(closed).toMatchObject({ clusterId: CLUSTER, code: CLOSE_CODES.cluster_deleted.code });
  });

  it.each([
    ["http://evil.test", "refused"],
    ["http://culvert.test", "connected"],
  ])("judges the origin %s as %s", async (origin, kind) => {
    const { agent } = await book.start();
    const result = await agent({ headers: { origin } }).dial();
    expect(result.kind).toBe(kind);
    if (result.kind === "refused") expect(result.status).toBe(403);
  });

  it("admits known tokens while the web process is away, and asks unknown ones to come again", async () => {
    const { agent, serve, web, relay } = await book.start();
    await web.stop();
    await expect.poll(() => relay.isWebReachable).toBe(false);
    expect(await agent({ token: "cvt_new" }).dial()).toMatchObject({
      kind: "refused",
      status: 503,
      retryAfter: "2",
    });
    await serve(1);
  });

  it("asks every agent to come again while the web process was never reached", async () => {
    const { agent } = await book.start({ withoutWeb: true });
    expect(await agent().dial()).toMatchObject({ kind: "refused", status: 503 });
  });

  it("refuses one socket more than may wait to register", async () => {
    const { agent, web } = await book.start({ settings: { unregisteredSocketsMax: 2 } });
    const [first, second, third] = [agent(), agent(), agent()];
    for (const each of [first, second]) expect((await each.dial()).kind).toBe("connected");
    expect(await third.dial()).toMatchObject({ kind: "refused", status: 503 });
    first.close();
    await first.closed;
    await web.event("refusal", ({ refusal }) => refusal.code === 1001);
    expect((await third.dial()).kind).toBe("connected");
  });

  it("answers a request that is no WebSocket handshake with 426", async () => {
    const { port } = await book.start();
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/clusters/agent/ws`);
    expect(response.status).toBe(426);
  });
});

describe("the handshake", () => {
  it("says hello, registers, and names the agent by its cluster and name", async () => {
    const { serve, web } = await book.start();
    const linked = await serve(1, { agentId: "db-host" });
    expect((await linked.message("gateway_hello")).payload).toMatchObject({
      useYamux: true,
      relayId: "rl_1",
      relayIds: ["rl_1"],
    });
    const agentId = deriveAgentId(CLUSTER, "db-host");
    expect((await linked.message("register_success")).payload).toEqual({
      clusterId: CLUSTER,
      clusterName: "edge site",
      agentId,
    });
    expect((await web.event("link_opened")).link).toMatchObject({
      agentId,
      agentName: "db-host",
      tokenId: tokenOf(TOKEN).tokenId,
      draining: false,
    });
    expect(await web.event("inventory")).toMatchObject({ agentId, inventory: { generation: 1 } });
  });

  it("closes a handshake that takes too long", async () => {
    const { agent, clock, relay, web } = await book.start();
    const slow = agent();
    await slow.dial();
    await slow.message("gateway_hello");
    clock.advance(9_000);
    relay.sweep();
    slow.sendHelloAck();
    clock.advance(1_001);
    relay.sweep();
    expect(await slow.closed).toMatchObject({ code: CLOSE_CODES.silent.code });
    const { refusal } = await web.event("refusal");
    expect(refusal).toMatchObject({ clusterId: CLUSTER, code: CLOSE_CODES.silent.code });
  });

  it("closes another protocol version", async () => {
    const { agent } = await book.start();
    const old = agent({ protocolVersion: 99 });
    await old.dial();
    await old.message("gateway_hello");
    old.sendHelloAck();
    expect(await old.closed).toMatchObject({ code: CLOSE_CODES.version_unsupported.code });
    // The reason of a close frame is short; the whole sentence comes before it.
    expect((await old.message("error")).payload.code).toBe("version_unsupported");
  });

  it.each([
    ["no JSON", "{"],
    ["no envelope", "[]"],
    ["a server's message", '{"type":"register_success","payload":{}}'],
    [
      "a message at the wrong time",
      '{"type":"heartbeat","payload":{"streams":0,"uptime_seconds":1,"memory_bytes":1}}',
    ],
    [
      "a payload that does not fit",
      '{"type":"gateway_hello_ack","payload":{"protocol_version":"1"}}',
    ],
  ])("closes %s with 4400", async (_name, text) => {
    const { agent } = await book.start();
    const odd = agent();
    await odd.dial();
    await odd.message("gateway_hello");
    odd.link?.sendText(text);
    expect(await odd.closed).toMatchObject({ code: CLOSE_CODES.bad_message.code });
  });

  it("ignores a type that it does not know", async () => {
    const { agent } = await book.start();
    const newer = agent();
    await newer.dial();
    newer.link?.sendText('{"type":"from_the_future","payload":{}}');
    newer.sendHelloAck();
    newer.sendRegister();
    await newer.message("register_success");
  });

  it.each([
    ["before it registers", 64 * 1024 + 1, false],
    ["a control message of 16 MiB", 16 * 1024 * 1024, true],
  ])("closes an agent that says too much: %s", async (_name, bytes, isRegistered) => {
    const { agent, serve } = await book.start();
    const loud = isRegistered ? await serve(1) : agent();
    if (!isRegistered) await loud.dial();
    loud.link?.sendText("x".repeat(bytes));
    expect(await loud.closed).toMatchObject({ code: CLOSE_CODES.message_too_big.code });
  });

  it("takes an inventory that is larger than what a stranger may say", async () => {
    const { agent } = await book.start();
    const big = agent();
    await big.start(inventoryOf(Array.from({ length: 64 }, (_none, i) => i + 1)));
    const [gateway] = inventoryOf([GATEWAY_PORT]).gateways;
    if (gateway === undefined) throw new Error("no Gateway");
    const gateways = Array.from({ length: 400 }, (_none, i) => ({ ...gateway, name: `edge-${i}` }));
    const inventory = { ...inventoryOf([], 2), gateways };
    expect(JSON.stringify(inventory).length).toBeGreaterThan(64 * 1024);
    big.send("inventory", inventory);
    await expect
      .poll(() => big.received.filter(({ type }) => type === "inventory_ack").length)
      .toBe(2);
  });
});

describe("what an agent tells of its cluster", () => {
  it("is a change on top of what it said before: acknowledged, handed on and routed by", async () => {
    const { serve, web } = await book.start();
    const linked = await serve(1);
    const after = inventoryOf([GATEWAY_PORT, 2], 2);
    linked.send("inventory_change", diffInventory(inventoryOf([GATEWAY_PORT]), after));
    await expect
      .poll(() => linked.received.filter(({ type }) => type === "inventory_ack").length)
      .toBe(2);
    const { change } = await web.event("inventory_change");
    expect(change).toMatchObject({ base: 1, generation: 2, remove: [] });
    // A web process that comes later hears the whole of it.
    await web.stop();
    await web.start(desiredOf());
    const message = await web.message(({ type }) => type === "snapshot");
    expect(message).toMatchObject({ snapshot: { inventories: [{ inventory: after }] } });
  });

  it("is why nothing is reported yet, until something is", async () => {
    const { agent, web } = await book.start();
    const silent = agent();
    await silent.dial();
    await silent.message("gateway_hello");
    silent.sendHelloAck();
    silent.sendRegister();
    await silent.message("register_success");
    const problems = [{ where: "gateways", reason: "They may not be read." }];
    silent.send("inventory_pending", { problems });
    await web.event("link_changed", ({ link }) => link.pending?.[0]?.where === "gateways");
    silent.send("inventory", inventoryOf([GATEWAY_PORT]));
    await silent.message("inventory_ack");
    await web.event("link_changed", ({ link }) => link.pending === null);
  });

  it("is closed with 4400 when a change builds on something else", async () => {
    const { serve } = await book.start();
    const linked = await serve(1);
    linked.send("inventory_change", diffInventory(inventoryOf([1], 5), inventoryOf([1], 6)));
    expect(await linked.closed).toMatchObject({ code: CLOSE_CODES.bad_message.code });
  });

  it("is a summary of it, handed on as often as an operator can use it", async () => {
    const { serve, web, clock } = await book.start({
      settings: { heartbeatIntervalMs: 1_000_000 },
    });
    const linked = await serve(1);
    const send = (namespaces: number): void => {
      const nothing = { nodes: null, capacity: null, pods: null, services: null, problems: [] };
      const at = "2026-01-02T03:04:05Z";
      linked.send("cluster_resources", { at, kubernetesVersion: null, ...nothing, namespaces });
    };
    send(1);
    const first = await web.event("cluster_resources");
    expect(first).toMatchObject({ clusterId: CLUSTER, resources: { namespaces: 1 } });
    send(2);
    // The acknowledgement tells that everything before it was read.
    linked.send("inventory", inventoryOf([GATEWAY_PORT], 2));
    await web.event("inventory", ({ inventory }) => inventory.generation === 2);
    clock.advance(5_000);
    send(3);
    await web.event("cluster_resources", ({ resources }) => resources.namespaces === 3);
    const passed = web.events().filter(({ kind }) => kind === "cluster_resources");
    expect(passed).toHaveLength(2);
  });
});

describe("a link's life", () => {
  it("acknowledges heartbeats", async () => {
    const { serve } = await book.start();
    const linked = await serve(1, { heartbeatMs: 10 });
    await linked.message("heartbeat_ack");
  });

  it("closes a link that was silent for two heartbeats, not sooner", async () => {
    const settings = { heartbeatIntervalMs: 1_000_000 };
    const { serve, clock, relay, web } = await book.start({ settings });
    const linked = await serve(1, { heartbeatMs: null });
    clock.advance(1_990_000);
    relay.sweep();
    expect(relay.links()).toHaveLength(1);
    clock.advance(20_000);
    relay.sweep();
    expect(await linked.closed).toMatchObject({ code: CLOSE_CODES.silent.code });
    expect(await web.event("link_closed")).toMatchObject({ code: CLOSE_CODES.silent.code });
  });

  it("lets the newest link of one agent instance win", async () => {
    const { serve, web } = await book.start();
    const older = await serve(1, { agentId: "a", instanceId: "instance-1" });
    await serve(1, { agentId: "a", instanceId: "instance-1" });
    expect(await older.closed).toMatchObject({ code: CLOSE_CODES.duplicate_link.code });
    await web.eventCount("link_opened", 2);
  });

  it("welcomes another instance of the same name beside the first", async () => {
    const { serve, web, relay } = await book.start();
    await serve(1, { agentId: "a", instanceId: "instance-1" });
    await serve(1, { agentId: "a", instanceId: "instance-2" });
    await web.eventCount("link_opened", 2);
    expect(relay.links()).toHaveLength(2);
  });

  it("refuses one link more than a cluster may have", async () => {
    const { serve, agent } = await book.start({ settings: { linksPerClusterMax: 2 } });
    await serve(1, { agentId: "a" });
    await serve(1, { agentId: "b" });
    const third = agent({ agentId: "c" });
    await third.dial();
    third.sendHelloAck();
    third.sendRegister();
    expect(await third.closed).toMatchObject({ code: CLOSE_CODES.too_many_links.code });
  });

  it("says so when an agent drains, and when it is killed", async () => {
    const { serve, web } = await book.start();
    const linked = await serve(1);
    linked.send("drain", { reason: "upgrade" });
    await web.event("link_changed", ({ link }) => link.draining);
    linked.kill();
    expect(await web.event("link_closed")).toMatchObject({ code: 1006 });
  });

  it("passes on what an agent wants its operator to see, within bounds", async () => {
    const { serve, web } = await book.start();
    const linked = await serve(1);
    for (let i = 0; i < 200; i++) linked.send("log", { level: "warn", message: `line ${i}` });
    linked.send("heartbeat", { streams: 0, uptimeSeconds: 1, memoryBytes: 1 });
    await linked.message("heartbeat_ack");
    expect((await web.event("agent_log")).message).toBe("line 0");
    // A sweep may have come between.
    expect(web.events().filter(({ kind }) => kind === "agent_log").length).toBeLessThanOrEqual(40);
  });

  it("closes a link whose mux session is broken", async () => {
    const { serve } = await book.start();
    const linked = await serve(1);
    linked.link?.binary.write(new Uint8Array(12).fill(0xff));
    expect(await linked.closed).toMatchObject({ code: CLOSE_CODES.protocol_error.code });
  });

  it("leaves one line that an operator understands for each refusal and close", async () => {
    const { agent, serve, lines } = await book.start();
    await agent({ token: "cvt_guess" }).dial();
    const linked = await serve(1);
    linked.kill();
    await expect.poll(() => lines.filter(({ msg }) => msg === "agent link closed").length).toBe(1);
    expect(lines.filter(({ msg }) => msg === "agent refused")).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain("cvt_");
  });
});

describe("what agents are told of being published", () => {
  const ENDPOINT = { kind: "relay", address: "relay.example.com:15001" } as const;
  const startPublished = async () => {
    const { harness, tunnel } = await book.startWithTunnel({ endpoints: [ENDPOINT] });
    return { ...harness, open: tunnel };
  };

  it("tells an agent that asks after its registration, and again when it changes", async () => {
    const { serve, web, relay, open } = await startPublished();
    const linked = await serve(1);
    const first = await linked.message("published");
    expect(first.payload.listeners).toEqual([
      { key: open.target, mode: "tunnel", endpoints: [ENDPOINT] },
    ]);
    await web.change({
      clusters: { upsert: [], remove: [] },
      tokens: { upsert: [], remove: [] },
      tunnels: { upsert: [{ ...open, state: "disabled" }], remove: [] },
    });
    relay.sweep();
    expect((await linked.newest("published", 2)).payload.listeners).toEqual([]);
  });

  it("tells an agent that does not ask nothing", async () => {
    const { serve, web, relay } = await startPublished();
    const silent = await serve(1, { capabilities: ["stream_header_v2", "inventory"] });
    const asking = await serve(1, { agentId: "asks" });
    await web.desire(desiredOf({ tunnels: [] }));
    relay.sweep();
    await asking.newest("published", 2);
    silent.send("heartbeat", { streams: 0, uptimeSeconds: 1, memoryBytes: 1 });
    await silent.message("heartbeat_ack");
    expect(silent.received.map(({ type }) => type)).not.toContain("published");
  });
});
