import { describe, expect, it } from "vitest";
import type { InventoryListener } from "#protocol/control/inventory.ts";
import { inventoryOf, tcpListener } from "#server/services/testing/setup-services.ts";
import { unionOf } from "./union.ts";

const snapshot = (agentId: string, second: number, listeners: InventoryListener[]) => ({
  agentId,
  receivedAt: new Date(second * 1_000),
  inventory: inventoryOf(1, listeners),
});
const only = (union: ReturnType<typeof unionOf>) => [...union.values()];

describe("unionOf", () => {
  it("joins what several agents see, the newest report in front", () => {
    const older = snapshot("ag_1", 1, [tcpListener(1, { name: "old" })]);
    const newer = snapshot("ag_2", 2, [tcpListener(1, { name: "new" }), tcpListener(2)]);
    for (const order of [
      [older, newer],
      [newer, older],
    ]) {
      expect(only(unionOf(order))).toMatchObject([
        { listener: { name: "new", port: 1 }, reportedBy: ["ag_1", "ag_2"] },
        { listener: { port: 2 }, reportedBy: ["ag_2"] },
      ]);
    }
  });

  it("gives connections only to agents that can serve them", () => {
    const well = snapshot("ag_1", 1, [tcpListener(1)]);
    const broken = snapshot("ag_2", 2, [tcpListener(1, { problem: "No route." })]);
    for (const order of [
      [well, broken],
      [broken, well],
    ]) {
      expect(only(unionOf(order))).toMatchObject([
        { listener: { problem: null }, reportedBy: ["ag_1"] },
      ]);
    }
  });

  it("tells http listeners apart by host name, tcp listeners only by port", () => {
    const listeners = ["a.example", "b.example"].flatMap((hostname) => [
      tcpListener(80, { protocol: "http", hostname }),
      tcpListener(5432, { hostname }),
    ]);
    const keys = only(unionOf([snapshot("ag_1", 1, listeners)])).map(({ key }) => key.hostname);
    expect(keys).toEqual(["a.example", null, "b.example"]);
  });
});
