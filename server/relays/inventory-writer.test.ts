import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReportedInventory } from "./fact-store.ts";
import { InventoryWriter, WRITE_INTERVAL_MS } from "./inventory-writer.ts";
import { inventory } from "./testing/states.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup() {
  const written: number[] = [];
  const errors: unknown[] = [];
  let isFailing = false;
  const writer = new InventoryWriter({
    store: async (report) => {
      if (isFailing) throw new Error("no database");
      written.push(report.inventory.generation);
      return true;
    },
    onError: (error) => errors.push(error),
  });
  const report = (generation: number, instanceId = "one"): ReportedInventory => ({
    agentId: "ag_1",
    clusterId: "cl_1",
    instanceId,
    inventory: inventory(generation),
  });
  const rest = () => vi.advanceTimersByTimeAsync(WRITE_INTERVAL_MS);
  const fail = (isIt: boolean) => void (isFailing = isIt);
  return { writer, written, errors, report, rest, fail };
}

describe("InventoryWriter", () => {
  it("writes the first of a burst at once and the last when time has come", async () => {
    const { writer, written, report, rest } = setup();
    for (const generation of [1, 2, 3]) expect(await writer.note(report(generation))).toBe(true);
    expect(written).toEqual([1]);
    await rest();
    expect(written).toEqual([1, 3]);
    await rest();
    await rest();
    expect(written).toEqual([1, 3]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has no news in what another relay said already", async () => {
    const { writer, report } = setup();
    await writer.note(report(2));
    expect(await writer.note(report(2))).toBe(false);
    expect(await writer.note(report(1))).toBe(false);
  });

  it("writes another start of the agent at once", async () => {
    const { writer, written, report } = setup();
    await writer.note(report(9));
    await writer.note(report(1, "two"));
    expect(written).toEqual([9, 1]);
  });

  it("writes what is left when the agent goes, and when it is closed", async () => {
    const { writer, written, report } = setup();
    await writer.note(report(1));
    await writer.note(report(2));
    await writer.flush("ag_1");
    expect(written).toEqual([1, 2]);
    await writer.note(report(3));
    await writer.note(report(4));
    await writer.close();
    expect(written).toEqual([1, 2, 3, 4]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps what could not be written", async () => {
    const { writer, written, errors, report, rest, fail } = setup();
    await writer.note(report(1));
    await writer.note(report(2));
    fail(true);
    await rest();
    expect(errors).toHaveLength(1);
    fail(false);
    await rest();
    expect(written).toEqual([1, 2]);
    await writer.close();
  });
});
