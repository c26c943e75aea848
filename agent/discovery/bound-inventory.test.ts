import { describe, expect, it } from "vitest";
import { Inventory, type InventoryGateway } from "#protocol/control/inventory.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import { boundInventory } from "./bound-inventory.ts";

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
});
