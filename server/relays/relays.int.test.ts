import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { diffInventory } from "#protocol/control/inventory-change.ts";
import type { RelaySnapshot, ToRelay } from "#protocol/relay/channel.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { getClusterDetails } from "#server/services/clusters/get-cluster-details.ts";
import { listConnections } from "#server/services/connections/list-connections.ts";
import { patchTunnel } from "#server/services/tunnels/patch-tunnel.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { startTestWeb, type TestWebOptions } from "#server/web/testing/start-test-web.ts";
import { FakeRelay, openChannel } from "./testing/fake-relay.ts";
import { connectionState, inventory, linkState } from "./testing/states.ts";
import { until } from "./testing/until.ts";

const AT = "2026-01-02T03:04:05Z";

type Change = Extract<ToRelay, { type: "change" }>;

async function setup(options: TestWebOptions = {}) {
  const web = await startTestWeb(options);
  onTestFinished(() => web.close());
  const { runtime, relays } = web.web;
  const channel = { controlSocket: join(web.runDir, "control.sock"), secret: web.channelSecret };
  const { cluster, tokenId } = await createCluster(runtime, SYSTEM_ACTOR, { name: "lab" });
  const link = linkState(cluster.id, tokenId);
  /** A relay with one agent that offers one TCP listener, and the tunnel that became of it. */
  const withTunnel = async (snapshot: Partial<RelaySnapshot> = {}, instanceId?: string) => {
    const relay = await FakeRelay.connect(
      { ...channel, ...(instanceId === undefined ? {} : { instanceId }) },
      {
        links: [link],
        inventories: [{ linkId: link.linkId, inventory: inventory() }],
        ...snapshot,
      },
    );
    const tunnel = await until("tunnel", async () => (await tunnels())[0]);
    return { relay, tunnel };
  };
  const tunnels = async () => (await listTunnels(runtime, SYSTEM_ACTOR, { limit: 10 })).items;
  const closed = async () =>
    (await listConnections(runtime, SYSTEM_ACTOR, { limit: 100, state: "closed" })).items;
  const actions = async () =>
    (await listAudit(runtime, SYSTEM_ACTOR, { limit: 100 })).items.map(({ action }) => action);
  return {
    web,
    runtime,
    relays,
    channel,
    cluster,
    tokenId,
    link,
    withTunnel,
    tunnels,
    closed,
    actions,
  };
}

describe("a relay's channel", () => {
  it.each([
    ["a wrong secret", { secret: "wrong" }, /401/],
    ["no secret", { secret: "" }, /401/],
    ["another path", { path: "/other" }, /404/],
  ])("is refused with %s", async (_what, change, status) => {
    const { channel } = await setup();
    await expect(openChannel({ ...channel, ...change })).rejects.toThrow(status);
  });

  it.each([
    ["something that is not JSON", "{"],
    ["a message of no known type", '{"type":"nonsense"}'],
    ["events before the hello", '{"type":"events","events":[]}'],
  ])("is closed after %s", async (_what, text) => {
    const { channel } = await setup();
    const socket = await openChannel(channel);
    const code = new Promise((resolve) => socket.on("close", resolve));
    socket.send(text);
    expect(await code).toBe(1002);
  });

  it("begins with the whole desired state", async () => {
    const { channel, cluster, tokenId } = await setup();
    const relay = await FakeRelay.connect(channel);
    const [first] = relay.received;
    expect(first).toMatchObject({
      type: "desired",
      state: { clusters: [{ id: cluster.id, name: "lab" }], tokens: [{ tokenId }], tunnels: [] },
    });
  });

  it("goes on with changes, within a second of the commit", async () => {
    const { runtime, withTunnel, cluster } = await setup();
    const { relay, tunnel } = await withTunnel();
    const opened = await relay.next(
      (message): message is Change =>
        message.type === "change" && message.change.tunnels.upsert.length > 0,
    );
    expect(opened.change.tunnels.upsert).toMatchObject([
      { id: tunnel.id, clusterId: cluster.id, state: "open", relayPort: 15_000 },
    ]);
    const before = performance.now();
    await patchTunnel(runtime, SYSTEM_ACTOR, { id: tunnel.id, enabled: false });
    const off = await relay.next(
      (message): message is Change =>
        message.type === "change" && message.change.tunnels.upsert[0]?.state === "disabled",
    );
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(off.generation).toBeGreaterThan(opened.generation);
  });
});

describe("a relay that leaves", () => {
  it.each([
    ["in order", "stop", "info", "relay stopped"],
    ["without a word", "die", "warn", "relay lost"],
  ] as const)("%s is logged as what it is", async (_how, leave, level, msg) => {
    const lines: { readonly level: number; readonly msg: string }[] = [];
    const log = pino({}, { write: (line) => void lines.push(JSON.parse(line) as never) });
    const { runtime, channel } = await setup({ log });
    const relay = await FakeRelay.connect(channel);
    await relay[leave]();
    await until("lost", () => runtime.live.relays.find("rl_1")?.status === "lost");
    const last = lines.filter((line) => line.msg.startsWith("relay ")).at(-1);
    expect(last).toMatchObject({ level: log.levels.values[level], msg });
  });
});

describe("what a relay reports", () => {
  it("makes agents, tunnels and clusters known", async () => {
    const { withTunnel, actions, web } = await setup();
    const { tunnel } = await withTunnel();
    expect(tunnel).toMatchObject({ agents: ["edge-1"], protocol: "tcp" });
    await web.web.relays.idle();
    expect(await actions()).toContain("cluster.connected");
    expect(await actions()).toContain("tunnel.published");
  });

  it("is an inventory after a link: its tunnel follows, and goes when the listener goes", async () => {
    const { channel, link, tunnels } = await setup();
    const relay = await FakeRelay.connect(channel);
    const { agentId, clusterId, instanceId, linkId } = link;
    const of = { kind: "inventory", linkId, agentId, clusterId, instanceId } as const;
    relay.report({ kind: "link_opened", link }, { ...of, inventory: inventory(1) });
    await until("tunnel", async () => (await tunnels()).length === 1);
    relay.report({ ...of, inventory: { ...inventory(2), gateways: [] } });
    await until("its end", async () => {
      const [tunnel] = await tunnels();
      return tunnel === undefined || tunnel.phase === "closing";
    });
  });

  it("is a change of an inventory: stored within seconds, in force at once", async () => {
    const { channel, link, tunnels } = await setup();
    const { linkId, agentId, clusterId } = link;
    const inventories = [{ linkId, inventory: inventory(1) }];
    const relay = await FakeRelay.connect(channel, { links: [link], inventories });
    await until("tunnel", async () => (await tunnels()).length === 1);
    const change = diffInventory(inventory(1), { ...inventory(2), gateways: [] });
    relay.report({ kind: "inventory_change", linkId, agentId, clusterId, change });
    await until("its end", async () => {
      const [tunnel] = await tunnels();
      return tunnel === undefined || tunnel.phase === "closing";
    });
  });

  it("is asked for again when a change builds on nothing that is known", async () => {
    const { channel, link } = await setup();
    const relay = await FakeRelay.connect(channel, { links: [link] });
    const { linkId, agentId, clusterId } = link;
    const change = diffInventory(inventory(1), inventory(2));
    relay.report({ kind: "inventory_change", linkId, agentId, clusterId, change });
    await relay.closed();
  });

  it("is what a cluster consists of", async () => {
    const { channel, link, runtime } = await setup();
    const relay = await FakeRelay.connect(channel, { links: [link] });
    const { agentId, clusterId } = link;
    const nothing = { nodes: null, capacity: null, pods: null, services: null, problems: [] };
    const resources = { at: AT, kubernetesVersion: "v1.36.3", ...nothing, namespaces: 4 };
    relay.report({ kind: "cluster_resources", agentId, clusterId, resources });
    await until("details", async () => {
      const details = await getClusterDetails(runtime, SYSTEM_ACTOR, { id: clusterId });
      return details.resources?.namespaces === 4;
    });
  });

  it("is a connection's life: open in memory, closed in the database", async () => {
    const { runtime, withTunnel, cluster, closed } = await setup();
    const { relay, tunnel } = await withTunnel();
    const connection = connectionState({ tunnelId: tunnel.id, clusterId: cluster.id });
    relay.report({ kind: "connection_opened", connection });
    await until("open", () => runtime.live.connections.find(connection.id));
    relay.send({
      type: "counters",
      at: Date.now(),
      tunnels: [
        {
          tunnelId: connection.tunnelId,
          bytesIn: 70,
          bytesOut: 700,
          opened: 1,
          failed: 0,
          open: 1,
        },
      ],
      connections: [{ id: connection.id, bytesIn: 70, bytesOut: 700, lastActivityAt: Date.now() }],
      memoryBytes: 1_000,
    });
    await until("counted", () => runtime.live.connections.find(connection.id)?.bytesIn === 70);
    expect(runtime.live.counters.totalsOf(tunnel.id)).toMatchObject({ bytesIn: 70, bytesOut: 700 });
    relay.report({
      kind: "connection_closed",
      connection: {
        ...connection,
        closedAt: Date.now(),
        closeReason: "completed",
        closeDetail: null,
      },
    });
    const [row] = await until("closed", async () =>
      (await closed()).length > 0 ? closed() : null,
    );
    expect(row).toMatchObject({ id: connection.id, closeReason: "completed", relayId: "rl_1" });
    expect(runtime.live.connections.count({})).toBe(0);
  });

  it("that closed while we were away is recorded once, however often it is said", async () => {
    const { channel, withTunnel, cluster, closed, web } = await setup();
    const { relay, tunnel } = await withTunnel();
    const connection = {
      ...connectionState({ tunnelId: tunnel.id, clusterId: cluster.id }),
      closedAt: Date.now(),
      closeReason: "completed" as const,
      closeDetail: null,
    };
    await relay.die();
    for (let times = 0; times < 2; times++) {
      const again = await FakeRelay.connect(channel, { closedMeanwhile: [connection] });
      await until("recorded", async () => (await closed()).length === 1);
      await again.die();
    }
    await web.web.relays.idle();
    expect(await closed()).toHaveLength(1);
  });
});

describe("a relay that goes away", () => {
  it("and comes back as the same process keeps its connections and its figures", async () => {
    const { runtime, channel, withTunnel, cluster, closed, actions, web } = await setup();
    const { relay, tunnel } = await withTunnel();
    const connection = connectionState({ tunnelId: tunnel.id, clusterId: cluster.id });
    relay.report({ kind: "connection_opened", connection });
    await until("open", () => runtime.live.connections.find(connection.id));
    await relay.die();
    await until("lost", () => runtime.live.relays.find("rl_1")?.status === "lost");
    expect(runtime.live.connections.count({})).toBe(1);
    await FakeRelay.connect(channel, { connections: [{ ...connection, bytesIn: 5 }] });
    await until("back", () => runtime.live.connections.find(connection.id)?.bytesIn === 5);
    await web.web.relays.idle();
    expect(await closed()).toEqual([]);
    expect(await actions()).not.toContain("relay.restarted");
  });

  it("and comes back as another process has lost what it carried, and that is said", async () => {
    const { runtime, channel, withTunnel, cluster, closed, actions } = await setup();
    const { relay, tunnel } = await withTunnel();
    const connection = connectionState({ tunnelId: tunnel.id, clusterId: cluster.id });
    relay.report({ kind: "connection_opened", connection });
    await until("open", () => runtime.live.connections.find(connection.id));
    await relay.die();
    await FakeRelay.connect({ ...channel, instanceId: "instance-2" });
    const [row] = await until("recorded", async () =>
      (await closed()).length > 0 ? closed() : null,
    );
    expect(row).toMatchObject({ id: connection.id, closeReason: "relay_lost" });
    await until("said", async () => (await actions()).includes("relay.restarted"));
    expect(runtime.live.relays.find("rl_1")?.restarts).toBe(1);
  });

  it("and stays away is given up after the grace", async () => {
    const { runtime, withTunnel, cluster, closed } = await setup({ graceMs: 50 });
    const { relay, tunnel } = await withTunnel();
    relay.report({
      kind: "connection_opened",
      connection: connectionState({ tunnelId: tunnel.id, clusterId: cluster.id }),
    });
    await until("open", () => runtime.live.connections.count({}) === 1);
    await relay.die();
    await until("given up", async () => (await closed())[0]?.closeReason === "relay_lost");
    expect(runtime.live.relays.find("rl_1")).toBeNull();
  });

  it("is replaced by its own newer channel, and the older one is heard no more", async () => {
    const { runtime, channel, withTunnel } = await setup();
    const { relay } = await withTunnel();
    const newer = await FakeRelay.connect(channel);
    await relay.closed();
    expect(runtime.live.relays.find("rl_1")?.status).toBe("connected");
    await newer.die();
    await until("lost", () => runtime.live.relays.find("rl_1")?.status === "lost");
  });
});

describe("a direct address", () => {
  it("turns the tunnel within a second of the relay's word, and agents are told the endpoints in force", async () => {
    const { runtime, withTunnel, tunnels, actions, link } = await setup();
    const seen = inventory();
    const gateways = seen.gateways.map((gateway) => ({ ...gateway, addresses: ["8.8.8.8"] }));
    const { relay, tunnel } = await withTunnel({
      inventories: [{ linkId: link.linkId, inventory: { ...seen, gateways } }],
    });
    const published: string[] = [];
    runtime.changes.subscribe(({ kind, id }) => void published.push(`${kind} ${id}`));
    const direct = {
      tunnelId: tunnel.id,
      state: "verified",
      address: "8.8.8.8:5432",
      rttMs: 1,
      reason: null,
      since: Date.now(),
    } as const;
    // A relay only speaks of what it was told to serve.
    await relay.next(
      (message): message is Change =>
        message.type === "change" && message.change.tunnels.upsert.length > 0,
    );
    const saidAt = performance.now();
    relay.report({ kind: "direct", direct });
    await until("shown", () => published.includes(`tunnel ${tunnel.id}`));
    expect((await tunnels())[0]?.routingMode.effective).toBe("direct");
    await relay.next(
      (message): message is Change =>
        message.type === "change" &&
        message.change.tunnels.upsert[0]?.endpoints[0]?.address === "8.8.8.8:5432",
    );
    expect(performance.now() - saidAt).toBeLessThan(1_000);
    await until("audited", async () => (await actions()).includes("tunnel.direct_verified"));

    const reason = "8.8.8.8:5432 does not answer.";
    relay.report({ kind: "direct", direct: { ...direct, state: "not_answering", reason } });
    await until("audited", async () => (await actions())[0] === "tunnel.direct_lost");
    expect((await tunnels())[0]?.routingMode.effective).toBe("tunnel");
  });
});

describe("closing connections", () => {
  it("asks every relay and adds up what they closed", async () => {
    const { channel, relays } = await setup();
    const pair = await Promise.all(
      ["rl_1", "rl_2"].map((relayId) => FakeRelay.connect({ ...channel, relayId })),
    );
    const closing = relays.closeConnections({ connectionIds: [] }, "closed_by_operator");
    for (const [index, relay] of pair.entries()) {
      const request = await relay.next((message) => message.type === "close_connections");
      if (request.type !== "close_connections") throw new Error("another message");
      relay.send({ type: "response", requestId: request.requestId, closed: index + 2 });
    }
    expect(await closing).toBe(5);
  });

  it("does not wait for a relay that dies meanwhile", async () => {
    const { channel, relays } = await setup();
    const relay = await FakeRelay.connect(channel);
    const closing = relays.closeConnections({}, "closed_by_operator");
    await relay.next((message) => message.type === "close_connections");
    await relay.die();
    expect(await closing).toBe(0);
  });

  it("closes nothing while no relay is there", async () => {
    const { relays } = await setup();
    expect(await relays.closeConnections({}, "closed_by_operator")).toBe(0);
  });
});
