import { describe, expect, it } from "vitest";
import { diffInventory } from "#protocol/control/inventory-change.ts";
import { type Inventory, listenerKeyText } from "#protocol/control/inventory.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import { LinkInventory } from "./link-inventory.ts";
import { inventoryOf } from "./testing/fake-agent.ts";

const keyOf = (port: number): string =>
  listenerKeyText({ namespace: "shop", gateway: "edge", protocol: "tcp", port, hostname: null });

function setup(before: Inventory = inventoryOf([1])) {
  const inventory = new LinkInventory();
  inventory.replace(before);
  return { inventory, before };
}

describe("a link's inventory", () => {
  it("follows a change, and serves what it names", () => {
    const { inventory, before } = setup();
    const after = inventoryOf([2, 3], 2);
    expect(inventory.apply(diffInventory(before, after))).toBeNull();
    expect(inventory.current).toEqual(after);
    expect([1, 2, 3].map((port) => inventory.serves(keyOf(port)))).toEqual([false, true, true]);
  });

  it("takes no generation a second time", () => {
    const { inventory, before } = setup(inventoryOf([1], 7));
    expect(inventory.replace(inventoryOf([2], 7))).toBe(false);
    expect(inventory.current).toBe(before);
  });

  it.each([
    ["on another generation", { base: 2, generation: 3 }],
    ["that does not go forward", { base: 1, generation: 1 }],
  ])("refuses a change %s", (_what, generations) => {
    const { inventory, before } = setup();
    const change = { ...diffInventory(before, inventoryOf([2], 2)), ...generations };
    expect(inventory.apply(change)).not.toBeNull();
    expect(inventory.current).toBe(before);
  });

  it("refuses a change before any inventory", () => {
    const change = diffInventory(inventoryOf([1]), inventoryOf([2], 2));
    expect(new LinkInventory().apply(change)).not.toBeNull();
  });

  it("refuses one Gateway more than an inventory may hold", () => {
    const [gateway] = inventoryOf([]).gateways;
    if (gateway === undefined) throw new Error("no Gateway");
    const gateways = Array.from({ length: CONTROL_LIMITS.gateways }, (_none, i) => ({
      ...gateway,
      name: `edge-${i}`,
    }));
    const { inventory } = setup({ ...inventoryOf([]), gateways });
    const more = { base: 1, generation: 2, upsert: [gateway], remove: [] };
    expect(inventory.apply(more)).not.toBeNull();
    expect(inventory.apply({ ...more, remove: ["shop/edge-0"] })).toBeNull();
  });

  it("does not let changes make more of it than one message may carry", () => {
    const { inventory } = setup(inventoryOf([]));
    const [gateway] = inventoryOf(Array.from({ length: 64 }, (_none, i) => i + 1)).gateways;
    if (gateway === undefined) throw new Error("no Gateway");
    const listeners = gateway.listeners.map((listener) => ({
      ...listener,
      backends: Array.from({ length: 100 }, (_none, i) => ({
        namespace: "shop",
        name: `backend-${i}`,
        port: 80,
        weight: 1,
        ready: false,
        reason: "x".repeat(500),
      })),
    }));
    const large = { ...gateway, listeners };
    const refusals = ["a", "b", "a", "c"].map((name, i) => {
      const base = inventory.current?.generation ?? 0;
      const upsert = [{ ...large, name }];
      return inventory.apply({ base, generation: i + 2, upsert, remove: [] });
    });
    // Two of them fit, again and again, but not a third.
    expect(refusals.map((refusal) => refusal === null)).toEqual([true, true, true, false]);
  });
});
