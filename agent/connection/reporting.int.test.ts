import { afterEach, describe, expect, it } from "vitest";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { Inventory, InventoryGateway, InventoryPending } from "#protocol/control/inventory.ts";
import { AGENT_SOCKET_PATH, CAPABILITIES, CONTROL_LIMITS } from "#protocol/control/limits.ts";
import { SYSTEM_CLOCK } from "#mux/session/clock.ts";
import { dialWebSocket } from "#mux/transport/websocket/dial.ts";
import { createLog } from "../log.ts";
import { createAgentCounters } from "../metrics/agent-counters.ts";
import { TestHub, type TestHubOptions, type TestLink } from "../testing/test-hub.ts";
import { ConnectionManager } from "./connection-manager.ts";

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function gateway(name: string, address: string): InventoryGateway {
  const annotations = { routingMode: null, idleTimeoutMs: null };
  return { namespace: "shop", name, addresses: [address], ...annotations, listeners: [] };
}

function inventoryOf(generation: number, gateways: readonly InventoryGateway[]): Inventory {
  return {
    generation,
    source: "kubernetes",
    kubernetesVersion: "v1.36.3",
    gatewayApi: null,
    loadBalancers: [],
    gateways: [...gateways],
    problems: [],
  };
}

const FIRST = inventoryOf(1, [gateway("a", "10.0.0.1"), gateway("b", "10.0.0.1")]);

const RESOURCES: ClusterResources = {
  at: "2026-01-02T03:04:05.000Z",
  kubernetesVersion: "v1.36.3",
  nodes: null,
  capacity: null,
  pods: { total: 3, running: 2, pending: 1, succeeded: 0, failed: 0 },
  services: null,
  namespaces: 2,
  problems: [],
};

async function setup(options: TestHubOptions = {}) {
  const hub = await new TestHub(options).listen();
  cleanups.push(() => hub.close());
  const state: {
    inventory: Inventory | null;
    pending: InventoryPending["problems"];
    resources: ClusterResources | null;
  } = { inventory: FIRST, pending: [], resources: null };
  const lines: string[] = [];
  const log = createLog({
    level: "error",
    format: "json",
    now: () => new Date(),
    write: (line) => lines.push(line),
  });
  const counters = createAgentCounters();
  const manager = new ConnectionManager({
    url: new URL(hub.url),
    dial: (link, signal) =>
      dialWebSocket({
        url: new URL(AGENT_SOCKET_PATH, hub.url),
        headers: { Authorization: "Bearer cvt_test" },
        handler: link.handler,
        maxTextBytes: 1024 * 1024,
        closeTimeoutMs: 1_000,
        keepAliveMs: 0,
        handshakeTimeoutMs: 5_000,
        signal,
      }),
    clock: SYSTEM_CLOCK,
    random: () => 0,
    onStream: (stream) => stream.reset(),
    onPublished: () => undefined,
    log,
    link: {
      registration: {
        agentId: "host-1",
        instanceId: "instance-1",
        version: "test",
        clusterName: null,
        startedAt: new Date().toISOString(),
        forceTunnelMode: false,
        dualModeEnabled: false,
        limits: null,
      },
      capabilities: CAPABILITIES,
      counters: counters.links,
      inventory: () => state.inventory,
      pending: () => state.pending,
      resources: () => state.resources,
      openStreams: () => 0,
      memoryBytes: () => 1,
      handshakeTimeoutMs: 5_000,
      clock: SYSTEM_CLOCK,
      wallClock: () => new Date(),
      log,
    },
  });
  cleanups.push(() => manager.stop());
  manager.start();
  const link = await hub.untilUp();
  const see = (inventory: Inventory | null): void => {
    state.inventory = inventory;
    manager.publishInventory();
  };
  const wait = (reason: string): void => {
    state.pending = [{ where: "gateways", reason }];
    manager.publishInventory();
  };
  const count = (resources: ClusterResources): void => {
    state.resources = resources;
    manager.publishResources();
  };
  const reportsOf = (of: TestLink): readonly string[] =>
    of.messages.map(({ type }) => type).filter((type) => type.startsWith("inventory"));
  return { hub, link, see, wait, count, reportsOf, lines };
}

describe("reporting the inventory", () => {
  it("sends all of it once, and then only what became different", async () => {
    const { hub, link, see, reportsOf } = await setup();
    const [, b] = FIRST.gateways;
    if (b === undefined) throw new Error("no Gateway");
    const after = inventoryOf(2, [gateway("a", "10.0.0.2"), b]);
    see(after);
    await hub.until("the change", () => link.inventories.length === 2);
    expect(reportsOf(link)).toEqual(["inventory", "inventory_change"]);
    expect(link.find("inventory_change")?.payload).toEqual({
      base: 1,
      generation: 2,
      upsert: [gateway("a", "10.0.0.2")],
      remove: [],
    });
    // Nothing new, nothing said; and the next change builds on the last one.
    see(after);
    see(inventoryOf(9, [b]));
    await hub.until("the next change", () => link.inventories.length === 3);
    expect(link.inventories.at(-1)).toEqual(inventoryOf(9, [b]));
    expect(reportsOf(link)).toHaveLength(3);
  });

  it("sends all of it again after a reconnect", async () => {
    const { hub, link, see, reportsOf } = await setup();
    see(inventoryOf(2, []));
    await hub.until("the change", () => link.inventories.length === 2);
    link.socket.destroy();
    const next = await hub.until("another link", () =>
      hub.links.find((other) => other !== link && other.inventories.length > 0),
    );
    expect(reportsOf(next)).toEqual(["inventory"]);
    expect(next.inventories).toEqual([inventoryOf(2, [])]);
  });

  it("sends all of it each time where the server knows nothing else", async () => {
    const capabilities = ["stream_header_v2", "inventory"];
    const { hub, link, see, count, reportsOf } = await setup({ capabilities });
    count(RESOURCES);
    see(inventoryOf(2, []));
    await hub.until("the other", () => link.inventories.length === 2);
    expect(reportsOf(link)).toEqual(["inventory", "inventory"]);
    expect(link.find("cluster_resources")).toBeNull();
  });
});

describe("while there is no complete inventory", () => {
  const saidOf = (of: TestLink): readonly string[] =>
    of.messages.flatMap((message) =>
      message.type === "inventory_pending" ? message.payload.problems.map((p) => p.reason) : [],
    );

  it("says why on each link, once, and reports everything when it is there", async () => {
    const { hub, link, see, wait, reportsOf } = await setup();
    see(null);
    wait("Denied.");
    wait("Denied.");
    link.socket.destroy();
    const next = await hub.until("another link", () =>
      hub.links.find((other) => other !== link && saidOf(other).length > 0),
    );
    wait("Away.");
    see(inventoryOf(2, []));
    await hub.until("the inventory", () => next.inventories.length === 1);
    expect(saidOf(next)).toEqual(["Denied.", "Away."]);
    expect(reportsOf(next)).toEqual(["inventory_pending", "inventory_pending", "inventory"]);
  });

  it("says nothing to a server that does not show it", async () => {
    const { hub, link, see, wait, reportsOf } = await setup({
      capabilities: ["stream_header_v2", "inventory"],
    });
    see(null);
    wait("Denied.");
    see(inventoryOf(2, []));
    await hub.until("the inventory", () => link.inventories.length === 2);
    expect(reportsOf(link)).toEqual(["inventory", "inventory"]);
  });

  it("says once that there is more to report than one message carries", async () => {
    const { hub, link, see, lines } = await setup();
    const many = (generation: number): Inventory => {
      const long = "x".repeat(CONTROL_LIMITS.messageBytes);
      return inventoryOf(generation, [gateway(long, "10.0.0.1")]);
    };
    see(many(2));
    see(many(3));
    see(inventoryOf(4, []));
    await hub.until("the inventory that fits", () => link.inventories.length === 2);
    expect(saidOf(link)).toHaveLength(1);
    expect(lines).toHaveLength(1);
  });
});

describe("reporting what the cluster consists of", () => {
  it("says each count once on each link", async () => {
    const { hub, link, count } = await setup();
    count(RESOURCES);
    count(RESOURCES);
    count({ ...RESOURCES, namespaces: 3 });
    const counts = (of: TestLink): readonly (number | null)[] =>
      of.messages.flatMap((message) =>
        message.type === "cluster_resources" ? [message.payload.namespaces] : [],
      );
    await hub.until("both", () => counts(link).length === 2);
    expect(counts(link)).toEqual([2, 3]);
    link.socket.destroy();
    const next = await hub.until("another link", () =>
      hub.links.find((other) => other !== link && other.find("cluster_resources") !== null),
    );
    expect(counts(next)).toEqual([3]);
  });
});
