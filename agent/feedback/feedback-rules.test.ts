import { describe, expect, it } from "vitest";
import type { Inventory, InventoryListener, InventoryRoute } from "#protocol/control/inventory.ts";
import type { PublishedListener } from "#protocol/control/published.ts";
import { buildEvent, EVENT_REPEAT_MS } from "./build-event.ts";
import { collectFeedback, describeEndpoints } from "./gateway-feedback.ts";
import { buildGatewayStatus, hasStatus } from "./gateway-status.ts";
import { LiveGateway, type Condition } from "./live-objects.ts";
import { findRefusals } from "./refusals.ts";
import { listenerOf } from "./testing/listener.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");

function routeOf(over: Partial<InventoryRoute> = {}): InventoryRoute {
  const head = { kind: "TCPRoute", namespace: "shop", name: "db" };
  return { ...head, accepted: true, reason: "Accepted", message: "", ...over };
}

function inventoryOf(...listeners: InventoryListener[]): Inventory {
  const annotations = { routingMode: null, idleTimeoutMs: null };
  return {
    generation: 1,
    source: "kubernetes",
    kubernetesVersion: null,
    gatewayApi: null,
    loadBalancers: [],
    gateways: [{ namespace: "shop", name: "edge", addresses: [], ...annotations, listeners }],
    problems: [],
  };
}

function publishedOf(
  port: number,
  addresses: readonly string[],
  gateway = "edge",
): PublishedListener {
  const key = { namespace: "shop", gateway, protocol: "tcp" as const, port, hostname: null };
  const endpoints = addresses.map((address) => ({ kind: "relay" as const, address }));
  return { key, mode: "tunnel", endpoints };
}

function feedbackOf(listeners: InventoryListener[], published: PublishedListener[]) {
  const found = collectFeedback(inventoryOf(...listeners), { listeners: published });
  const feedback = found.get("shop/edge");
  if (feedback === undefined) throw new Error("the Gateway is missing");
  return { feedback, found };
}

function liveOf(over: object = {}, status: object = {}): LiveGateway {
  return LiveGateway.parse({
    metadata: { namespace: "shop", name: "edge", uid: "u1", generation: 7 },
    spec: {
      gatewayClassName: "culvert",
      listeners: [
        { name: "tcp-1", protocol: "TCP" },
        { name: "tcp-2", protocol: "TCP" },
      ],
      ...over,
    },
    status,
  });
}

const find = (conditions: readonly Condition[], type: string) =>
  conditions.find((condition) => condition.type === type);

describe("what is told of a Gateway", () => {
  it("is where its own listeners are published, and nothing of Gateways that discovery did not see", () => {
    const { feedback, found } = feedbackOf(
      [listenerOf(1), listenerOf(2)],
      [publishedOf(1, ["relay:15001"]), publishedOf(9, ["x:1"]), publishedOf(1, ["x:1"], "other")],
    );
    expect([...found.keys()]).toEqual(["shop/edge"]);
    expect(describeEndpoints(feedback)).toBe("tcp/1=relay:15001");
  });

  it("names every endpoint, and the host name where the listener has one", () => {
    const web = listenerOf(80, { protocol: "http", hostname: "shop.example.com" });
    const key = { namespace: "shop", gateway: "edge", port: 80 };
    const published: PublishedListener = {
      key: { ...key, protocol: "http", hostname: "shop.example.com" },
      mode: "dual",
      endpoints: [
        { kind: "edge", address: "a:8080" },
        { kind: "direct", address: "[2001:db8::1]:80" },
      ],
    };
    const { feedback } = feedbackOf([web], [published]);
    expect(describeEndpoints(feedback)).toBe(
      "http/80/shop.example.com=a:8080,http/80/shop.example.com=[2001:db8::1]:80",
    );
  });

  it("is nothing when nothing is published, and stays within an annotation's bound", () => {
    expect(describeEndpoints(feedbackOf([listenerOf(1)], []).feedback)).toBeNull();
    const long = Array.from({ length: 500 }, (_none, index) => `${"r".repeat(250)}:${index}`);
    const { feedback } = feedbackOf([listenerOf(1)], [publishedOf(1, long)]);
    const text = describeEndpoints(feedback) ?? "";
    expect(text.length).toBeLessThanOrEqual(64 * 1024);
    expect(text.endsWith(",")).toBe(false);
  });
});

describe("the status of a Gateway of our own class", () => {
  it("gives hosts without ports, sorted, and is programmed", () => {
    const { feedback } = feedbackOf(
      [listenerOf(1, { routes: [routeOf()] }), listenerOf(2)],
      [publishedOf(1, ["Relay.example.com:15001", "[2001:db8::1]:1", "10.0.0.1:1"])],
    );
    const status = buildGatewayStatus(liveOf(), feedback, NOW);
    expect(status.addresses).toEqual([
      { type: "IPAddress", value: "10.0.0.1" },
      { type: "IPAddress", value: "2001:db8::1" },
      { type: "Hostname", value: "relay.example.com" },
    ]);
    expect(find(status.conditions, "Accepted")).toMatchObject({
      status: "True",
      observedGeneration: 7,
      lastTransitionTime: "2026-01-02T03:04:05Z",
    });
    expect(find(status.conditions, "Programmed")?.status).toBe("True");
    const [first, second] = status.listeners;
    expect(first).toMatchObject({ attachedRoutes: 1, supportedKinds: [{ kind: "TCPRoute" }] });
    expect(find(first?.conditions ?? [], "Programmed")?.status).toBe("True");
    expect(find(second?.conditions ?? [], "Programmed")?.reason).toBe("Pending");
  });

  it.each([
    [[listenerOf(1, { problem: "x", problemCode: "ProtocolConflict" }), listenerOf(2)], "True"],
    [
      [1, 2].map((port) => listenerOf(port, { problem: "x", problemCode: "ProtocolConflict" })),
      "False",
    ],
  ])("says which listeners conflict, and is accepted while one is left", (listeners, accepted) => {
    const { conditions, listeners: shown } = buildGatewayStatus(
      liveOf(),
      feedbackOf(listeners, []).feedback,
      NOW,
    );
    expect(find(conditions, "Accepted")).toMatchObject({
      status: accepted,
      reason: "ListenersNotValid",
    });
    const first = shown[0]?.conditions ?? [];
    expect(find(first, "Conflicted")).toMatchObject({ status: "True", reason: "ProtocolConflict" });
    expect(find(first, "Accepted")?.status).toBe("False");
    expect(find(first, "Programmed")?.reason).toBe("Invalid");
  });

  it("takes the fault of a route for no fault of its listener", () => {
    const route = routeOf({ accepted: false, reason: "BackendNotFound", message: "x" });
    const faulty = { problem: "x", problemCode: "BackendNotFound", routes: [route] };
    const refused = routeOf({ name: "b", accepted: false, reason: "NotAllowedByListeners" });
    const { feedback } = feedbackOf([listenerOf(1, { ...faulty, routes: [route, refused] })], []);
    const { conditions, listeners } = buildGatewayStatus(liveOf(), feedback, NOW);
    expect(find(conditions, "Accepted")?.status).toBe("True");
    expect(find(conditions, "Programmed")?.reason).toBe("AddressNotAssigned");
    expect(find(listeners[0]?.conditions ?? [], "Accepted")?.status).toBe("True");
    // Attached is what the listener allows; what it leads to is another matter.
    expect(listeners[0]?.attachedRoutes).toBe(1);
  });

  it("gives an HTTP listener's name on the edge, and counts routes that are accepted", () => {
    const refusedFor = (reason: string): InventoryRoute =>
      routeOf({ kind: "HTTPRoute", name: reason, accepted: false, reason });
    const web = listenerOf(80, {
      name: "web",
      protocol: "http",
      routes: [
        routeOf({ kind: "HTTPRoute" }),
        refusedFor("UnsupportedValue"),
        refusedFor("IncompatibleFilters"),
        refusedFor("BackendNotFound"),
      ],
    });
    const published: PublishedListener = {
      key: { namespace: "shop", gateway: "edge", port: 80, protocol: "http", hostname: null },
      mode: "tunnel",
      endpoints: [{ kind: "edge", address: "edge-1a2b3c4d.tunnel.example.com:8080" }],
    };
    const { feedback } = feedbackOf([web], [published]);
    const live = liveOf({ listeners: [{ name: "web", protocol: "HTTP" }] });
    const { addresses, conditions, listeners } = buildGatewayStatus(live, feedback, NOW);
    expect(addresses).toEqual([{ type: "Hostname", value: "edge-1a2b3c4d.tunnel.example.com" }]);
    expect(find(conditions, "Programmed")?.status).toBe("True");
    expect(listeners[0]).toMatchObject({
      attachedRoutes: 2,
      supportedKinds: [{ kind: "HTTPRoute" }, { kind: "GRPCRoute" }],
    });
    expect(find(listeners[0]?.conditions ?? [], "Programmed")?.status).toBe("True");
  });

  it("lists the kinds that can be served, and says when others are asked for", () => {
    const wrong = listenerOf(1, { problem: "x", problemCode: "InvalidRouteKinds" });
    const kinds = [{ kind: "TCPRoute" }, { kind: "HTTPRoute" }, { group: "x", kind: "TCPRoute" }];
    const listeners = [{ name: "tcp-1", protocol: "TCP", allowedRoutes: { kinds } }];
    const status = buildGatewayStatus(liveOf({ listeners }), feedbackOf([wrong], []).feedback, NOW);
    const [shown] = status.listeners;
    expect(shown?.supportedKinds.map(({ kind }) => kind)).toEqual(["TCPRoute"]);
    expect(find(shown?.conditions ?? [], "ResolvedRefs")?.reason).toBe("InvalidRouteKinds");
    expect(find(shown?.conditions ?? [], "Accepted")?.status).toBe("True");
  });

  it("accepts no listener that discovery leaves out", () => {
    const status = buildGatewayStatus(liveOf(), feedbackOf([listenerOf(1)], []).feedback, NOW);
    expect(find(status.listeners[1]?.conditions ?? [], "Accepted")?.reason).toBe(
      "UnsupportedProtocol",
    );
  });

  it.each([
    ["IPAddress", "203.0.113.9", "Programmed", "AddressNotUsable"],
    ["IPAddress", "", "Programmed", "Programmed"],
    ["Hostname", "relay.example.com", "Programmed", "Programmed"],
    ["example.com/pool", "a", "Accepted", "UnsupportedAddress"],
  ])("judges a wanted address %s %s", (type, value, condition, reason) => {
    const { feedback } = feedbackOf([listenerOf(1)], [publishedOf(1, ["relay.example.com:1"])]);
    const live = liveOf({ addresses: [{ type, value }] });
    expect(find(buildGatewayStatus(live, feedback, NOW).conditions, condition)?.reason).toBe(
      reason,
    );
  });

  it("keeps the time of what stays, and then need not be written again", () => {
    const { feedback } = feedbackOf([listenerOf(1)], [publishedOf(1, ["relay:1"])]);
    const status = buildGatewayStatus(liveOf(), feedback, NOW);
    const live = liveOf({}, status);
    const later = buildGatewayStatus(live, feedback, new Date(NOW.getTime() + 60_000));
    expect(later).toEqual(status);
    expect(hasStatus(live, later)).toBe(true);
    expect(hasStatus(liveOf(), later)).toBe(false);
    const changed = feedbackOf([listenerOf(1)], [publishedOf(1, ["other:1"])]).feedback;
    expect(hasStatus(live, buildGatewayStatus(live, changed, NOW))).toBe(false);
  });
});

describe("refusals", () => {
  const refused = routeOf({ accepted: false, reason: "RefNotPermitted", message: "No grant." });

  it("are each object and reason once, and faults of listeners", () => {
    const conflict = { problem: "Two want it.", problemCode: "ProtocolConflict" };
    const found = findRefusals(
      inventoryOf(
        listenerOf(1, { routes: [refused, routeOf({ name: "good" })] }),
        listenerOf(2, { routes: [refused], problem: "No grant.", problemCode: "RefNotPermitted" }),
        listenerOf(3, conflict),
      ),
    );
    expect(found.map(({ kind, name, reason }) => [kind, name, reason])).toEqual([
      ["TCPRoute", "db", "RefNotPermitted"],
      ["Gateway", "edge", "ProtocolConflict"],
    ]);
  });

  it("become Events with the same name in one time slot, and another in the next", () => {
    const refusal = findRefusals(inventoryOf(listenerOf(1, { routes: [refused] })))[0];
    if (refusal === undefined) throw new Error("nothing was refused");
    const context = { apiVersion: "gateway.networking.k8s.io/v1", uid: "u1", agentId: "a" };
    const nameAt = (now: Date, over: object = {}): string => {
      const event = buildEvent(refusal, { ...context, ...over, now }) as {
        metadata: { name: string };
      };
      return event.metadata.name;
    };
    const slotStart = new Date(Math.floor(NOW.getTime() / EVENT_REPEAT_MS) * EVENT_REPEAT_MS);
    const name = nameAt(slotStart);
    expect(nameAt(new Date(slotStart.getTime() + EVENT_REPEAT_MS - 1), { agentId: "b" })).toBe(
      name,
    );
    expect(nameAt(new Date(slotStart.getTime() + EVENT_REPEAT_MS))).not.toBe(name);
    expect(nameAt(slotStart, { uid: "u2" })).not.toBe(name);
    expect(name).toMatch(/^db\.[0-9a-f]{16}$/);
  });
});
