import { describe, expect, it } from "vitest";
import { Inventory, type InventoryGateway } from "#protocol/control/inventory.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import { boundInventory } from "./bound-inventory.ts";
import { ANY_REQUEST } from "./rules/http/build-matches.ts";

const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_none, n) => make(n));

function inventory(gateways: readonly InventoryGateway[], problems = 0): Inventory {
  return {
    generation: 1,
    source: "files",
    kubernetesVersion: null,
    gatewayApi: null,
    loadBalancers: [],
    gateways: [...gateways],
    problems: many(problems, (n) => ({ where: `file-${n}`, reason: "r".repeat(5_000) })),
  };
}

function gateway(
  name: string,
  counts: { listeners?: number; routes?: number; backends?: number; addresses?: number },
): InventoryGateway {
  return {
    namespace: "shop",
    name,
    addresses: many(counts.addresses ?? 0, (a) => `10.0.0.${a}`),
    routingMode: null,
    idleTimeoutMs: null,
    listeners: many(counts.listeners ?? 1, (n) => ({
      name: `l${n}`,
      port: n + 1,
      protocol: "tcp",
      hostname: null,
      routes: many(counts.routes ?? 0, (r) => ({
        kind: "TCPRoute",
        namespace: "shop",
        name: `r${r}`,
        accepted: false,
        reason: "x",
        message: "m".repeat(2_000),
      })),
      backends: many(counts.backends ?? 0, (b) => ({
        namespace: "shop",
        name: `b${b}`,
        port: 1,
        weight: 1,
        ready: false,
        reason: "r".repeat(2_000),
      })),
      problem: "p".repeat(2_000),
      problemCode: null,
    })),
  };
}

/** An HTTP listener with so many rules of four kilobytes each. */
function webListener(n: number, rules: number): InventoryGateway["listeners"][number] {
  const match = {
    ...ANY_REQUEST,
    path: { type: "Exact" as const, value: `/${"x".repeat(4_000)}` },
  };
  const rule = {
    route: "HTTPRoute shop/web",
    hostnames: [],
    matches: [match],
    filters: [],
    backends: [],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
  };
  return {
    name: `l${n}`,
    port: n + 1,
    protocol: "http",
    hostname: null,
    routes: [],
    backends: [],
    problem: null,
    problemCode: null,
    http: { isThroughGateway: false, isTls: false, rules: many(rules, () => rule) },
  };
}

const L = CONTROL_LIMITS;

describe("boundInventory", () => {
  it("changes nothing that fits exactly", () => {
    const fits = inventory([gateway("a", { listeners: L.listenersPerGateway })]);
    expect(boundInventory(fits).gateways[0]?.listeners).toHaveLength(L.listenersPerGateway);
    expect(boundInventory(fits).problems).toEqual([]);
  });

  it.each([
    ["listeners", { listeners: L.listenersPerGateway + 1 }],
    ["addresses", { addresses: L.addressesPerGateway + 1 }],
    ["routes", { routes: L.routesPerListener + 1 }],
    ["backends", { backends: L.backendsPerListener + 1 }],
  ])("cuts one %s too many, says so, and gives what the wire takes", (_what, counts) => {
    const bounded = boundInventory(inventory([gateway("a", counts)]));
    expect(bounded.problems).toHaveLength(1);
    expect(() => Inventory.parse(bounded)).not.toThrow();
  });

  it("cuts Gateways and problems", () => {
    const gateways = many(L.gateways + 1, (n) => gateway(`g${n}`, {}));
    const bounded = boundInventory(inventory(gateways, L.problems + 5));
    expect(bounded.gateways).toHaveLength(L.gateways);
    expect(bounded.problems).toHaveLength(L.problems);
    expect(() => Inventory.parse(bounded)).not.toThrow();
  });

  it("lets one route that is on every listener not fill the whole report", () => {
    const listeners = many(64, (n) => webListener(n, n === 0 ? 1 : 120));
    const bounded = boundInventory(inventory([{ ...gateway("a", {}), listeners }]));
    const kept = (bounded.gateways[0]?.listeners ?? []).map(({ http }) => http?.rules.length);
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThan(L.messageBytes);
    expect(kept[0]).toBe(1);
    expect(Math.min(...kept.slice(1).map(Number))).toBeGreaterThan(10);
    expect(bounded.problems).toHaveLength(63);
    expect(bounded.problems[0]).toMatchObject({
      where: "Gateway shop/a",
      reason: expect.stringMatching(/^Listener l1: only \d+ of 120 rules are reported/),
    });
    expect(() => Inventory.parse(bounded)).not.toThrow();
  });

  it("leaves rules as they are while all of them fit", () => {
    const listeners = [webListener(0, 120), webListener(1, 120)];
    const fits = inventory([{ ...gateway("a", {}), listeners }]);
    expect(boundInventory(fits)).toEqual(fits);
  });
});
