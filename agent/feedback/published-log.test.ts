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
  let seen = inventoryOf([]);
  const published = new PublishedLog(log, () => seen);
  const discover = (...ports: number[]): void => {
    seen = inventoryOf(ports);
    published.receiveInventory();
  };
  return { published, discover, take: () => lines.splice(0) };
}

describe("the log of what is published", () => {
  it("says once where a service is reached, again when that changes, and when it is over", () => {
    const { published, discover, take } = setup();
    discover(1);
    published.receivePublished(publishedAt({ 1: "relay.example.com:15001" }));
    // Every relay of the server says the same.
    published.receivePublished(publishedAt({ 1: "relay.example.com:15001" }));
    expect(take()).toEqual(["Published listener=expose/s1/tcp-1 at=relay.example.com:15001"]);
    published.receivePublished(publishedAt({ 1: "relay.example.com:15002" }));
    expect(take()).toEqual(["Published listener=expose/s1/tcp-1 at=relay.example.com:15002"]);
    published.receivePublished({ listeners: [] });
    expect(take()).toEqual(["No longer published listener=expose/s1/tcp-1"]);
  });

  it("writes the address of the HTTP edge with its scheme, so that terminals open it", () => {
    const { published, discover, take } = setup();
    discover(1);
    published.receivePublished(publishedAt({ 1: "s1-abc.tunnel.localhost:8080" }, "edge"));
    expect(take()).toEqual([
      "Published listener=expose/s1/tcp-1 at=http://s1-abc.tunnel.localhost:8080",
    ]);
  });

  it("says nothing of what other agents of the cluster publish", () => {
    const { published, discover, take } = setup();
    discover(1);
    published.receivePublished(publishedAt({ 2: "relay.example.com:15002" }));
    expect(take()).toEqual([]);
  });

  it("counts what is more than a screenful", () => {
    const { published, discover, take } = setup();
    const ports = Array.from({ length: 25 }, (_none, i) => i + 1);
    const all = Object.fromEntries(ports.map((port) => [port, `relay:${port}`]));
    discover(...ports);
    published.receivePublished(publishedAt(all));
    const lines = take();
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe("More is published: the dashboard lists all listeners=5");
    published.receivePublished({ listeners: [] });
    expect(take().slice(19)).toEqual([
      "No longer published listener=expose/s20/tcp-20",
      "More is no longer published: the dashboard lists what is listeners=5",
    ]);
  });

  it("says it too when this agent comes to see, or to miss, what the cluster publishes already", () => {
    const { published, discover, take } = setup();
    published.receivePublished(publishedAt({ 1: "relay:15001", 2: "relay:15002" }));
    expect(take()).toEqual([]);
    discover(1);
    expect(take()).toEqual(["Published listener=expose/s1/tcp-1 at=relay:15001"]);
    discover(2);
    expect(take()).toEqual([
      "Published listener=expose/s2/tcp-2 at=relay:15002",
      "No longer published listener=expose/s1/tcp-1",
    ]);
  });
});
