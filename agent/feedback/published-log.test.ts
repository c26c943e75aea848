import { describe, expect, it } from "vitest";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { Published } from "#protocol/control/published.ts";
import { createLog } from "../log.ts";
import { PublishedLog } from "./published-log.ts";
import { listenerOf } from "./testing/listener.ts";

/** An agent that exposes one service on each of some ports. */
function inventoryOf(ports: readonly number[]): Inventory {
  return {
    generation: 1,
    source: "expose",
    kubernetesVersion: null,
    gatewayApi: null,
    loadBalancers: [],
    problems: [],
    gateways: ports.map((port) => ({
      namespace: "expose",
      name: `s${port}`,
      addresses: [],
      routingMode: null,
      idleTimeoutMs: null,
      listeners: [listenerOf(port)],
    })),
  };
}

function publishedAt(
  addresses: Readonly<Record<number, string>>,
  kind: "relay" | "edge" = "relay",
): Published {
  return {
    listeners: Object.entries(addresses).map(([port, address]) => ({
      key: {
        namespace: "expose",
        gateway: `s${port}`,
        protocol: "tcp",
        port: Number(port),
        hostname: null,
      },
      mode: "tunnel",
      endpoints: [{ kind, address }],
    })),
  };
}

function setup() {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "text",
    now: () => new Date(0),
    write: (line) => lines.push(line.replace("1970-01-01T00:00:00.000Z INFO  ", "").trim()),
  });
  return { published: new PublishedLog(log), take: () => lines.splice(0) };
}

describe("the log of what is published", () => {
  it("says once where a service is reached, again when that changes, and when it is over", () => {
    const { published, take } = setup();
    const inventory = inventoryOf([1]);
    published.update(inventory, publishedAt({ 1: "relay.example.com:15001" }));
    // Every relay of the server says the same.
    published.update(inventory, publishedAt({ 1: "relay.example.com:15001" }));
    expect(take()).toEqual(["Published listener=expose/s1/tcp-1 at=relay.example.com:15001"]);
    published.update(inventory, publishedAt({ 1: "relay.example.com:15002" }));
    expect(take()).toEqual(["Published listener=expose/s1/tcp-1 at=relay.example.com:15002"]);
    published.update(inventory, { listeners: [] });
    expect(take()).toEqual(["No longer published listener=expose/s1/tcp-1"]);
  });

  it("gives the address of a site as one that a browser opens", () => {
    const { published, take } = setup();
    published.update(inventoryOf([1]), publishedAt({ 1: "s1-abc.tunnel.localhost:8080" }, "edge"));
    expect(take()).toEqual([
      "Published listener=expose/s1/tcp-1 at=http://s1-abc.tunnel.localhost:8080",
    ]);
  });

  it("says nothing of what other agents of the cluster publish", () => {
    const { published, take } = setup();
    published.update(inventoryOf([1]), publishedAt({ 2: "relay.example.com:15002" }));
    expect(take()).toEqual([]);
  });

  it("counts what is more than a screenful", () => {
    const { published, take } = setup();
    const ports = Array.from({ length: 25 }, (_none, i) => i + 1);
    const all = Object.fromEntries(ports.map((port) => [port, `relay:${port}`]));
    published.update(inventoryOf(ports), publishedAt(all));
    const lines = take();
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe("More is published: the dashboard lists all listeners=5");
  });
});
