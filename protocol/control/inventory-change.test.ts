import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Inventory, InventoryGateway } from "./inventory.ts";
import { applyInventoryChange, diffInventory, InventoryChange } from "./inventory-change.ts";

function gateway(name: string, address = "10.0.0.1"): InventoryGateway {
  return {
    namespace: "shop",
    name,
    addresses: [address],
    routingMode: null,
    idleTimeoutMs: null,
    listeners: [],
  };
}

function inventory(generation: number, over: Partial<Inventory> = {}): Inventory {
  return {
    generation,
    source: "kubernetes",
    kubernetesVersion: "v1.36.3",
    gatewayApi: null,
    loadBalancers: [],
    gateways: [],
    problems: [],
    ...over,
  };
}

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
const anyInventory = (generation: number) =>
  fc
    .record({
      gateways: names.chain((list) =>
        fc.tuple(
          ...list.map((name) =>
            fc.constantFrom("10.0.0.1", "10.0.0.2").map((address) => gateway(name, address)),
          ),
        ),
      ),
      loadBalancers: fc.uniqueArray(fc.constantFrom("198.51.100.1", "lb.example.com")),
      kubernetesVersion: fc.constantFrom("v1.36.3", null),
      problems: fc.uniqueArray(
        fc.constantFrom("a", "b").map((where) => ({ where, reason: "It is broken." })),
      ),
    })
    .map((over) => inventory(generation, over));

const byName = ({ gateways, ...rest }: Inventory) => ({
  ...rest,
  gateways: [...gateways].sort((a, b) => (a.name < b.name ? -1 : 1)),
});

describe("inventory changes", () => {
  it("lead from any inventory to any other, over the wire", () => {
    fc.assert(
      fc.property(anyInventory(4), anyInventory(7), (before, after) => {
        const sent: unknown = JSON.parse(JSON.stringify(diffInventory(before, after)));
        const result = applyInventoryChange(before, InventoryChange.parse(sent));
        expect(result && byName(result)).toEqual(byName(after));
      }),
    );
  });

  it("name only the Gateway that differs", () => {
    const before = inventory(1, { gateways: [gateway("a"), gateway("b"), gateway("c")] });
    const after = inventory(2, { gateways: [gateway("a"), gateway("b", "10.0.0.9")] });
    expect(diffInventory(before, after)).toEqual({
      base: 1,
      generation: 2,
      upsert: [gateway("b", "10.0.0.9")],
      remove: ["shop/c"],
    });
  });

  it("are refused on top of another generation", () => {
    const change = diffInventory(inventory(1), inventory(2));
    expect(applyInventoryChange(inventory(3), change)).toBeNull();
  });
});
