import { describe, expect, it } from "vitest";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { DiscoveryProblem, DiscoverySnapshot, DiscoverySource } from "./discovery.ts";
import { buildExposeSnapshot } from "./expose/expose-source.ts";
import { InventoryState } from "./inventory-state.ts";

class FakeSource implements DiscoverySource {
  readonly kind: DiscoverySource["kind"];
  show: (snapshot: DiscoverySnapshot) => void = () => undefined;
  readonly #first: DiscoverySnapshot;

  constructor(kind: DiscoverySource["kind"], first: DiscoverySnapshot) {
    this.kind = kind;
    this.#first = first;
  }

  async start(onSnapshot: (snapshot: DiscoverySnapshot) => void): Promise<void> {
    this.show = onSnapshot;
    onSnapshot(this.#first);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

const one = (name: string): DiscoverySnapshot =>
  buildExposeSnapshot([{ name, scheme: "tcp", host: "127.0.0.1", port: 1 }], null);

async function setup(...sources: FakeSource[]) {
  const seen: Inventory[] = [];
  const state = new InventoryState(sources, (inventory) => seen.push(inventory));
  await state.start();
  return { state, seen };
}

describe("InventoryState", () => {
  it("says what it waits for, and shows nothing when it is closed before the first look", async () => {
    const closed = Promise.withResolvers<void>();
    let wait: (problems: readonly DiscoveryProblem[]) => void = () => undefined;
    const source: DiscoverySource = {
      kind: "kubernetes",
      start: (_onSnapshot, onWaiting) => {
        wait = onWaiting;
        return closed.promise;
      },
      close: async () => closed.resolve(),
    };
    const seen: Inventory[] = [];
    const waits: (string | undefined)[] = [];
    const state: InventoryState = new InventoryState(
      [new FakeSource("expose", one("a")), source],
      (inventory) => seen.push(inventory),
      () => waits.push(state.waiting?.[0]?.reason),
    );
    const started = state.start();
    expect(state.waiting).toHaveLength(1);
    wait([{ where: "gateways", reason: "Denied." }]);
    expect(waits).toEqual(["Denied."]);
    await state.close();
    await started;
    expect([seen, state.isComplete]).toEqual([[], false]);
  });

  it("shows everything at once after the first look, not source by source", async () => {
    const { state, seen } = await setup(
      new FakeSource("files", one("a")),
      new FakeSource("expose", one("b")),
    );
    expect(seen).toHaveLength(1);
    expect(state.current).toMatchObject({
      source: "files",
      gateways: [{ name: "a" }, { name: "b" }],
    });
  });

  it("grows its generation with every change and only then", async () => {
    const source = new FakeSource("files", one("a"));
    const { state, seen } = await setup(source);
    const before = state.current.generation;
    source.show(one("a"));
    expect(state.current.generation).toBe(before);
    source.show(one("b"));
    expect(state.current.generation).toBe(before + 1);
    expect(seen).toHaveLength(2);
  });

  it("forgets targets together with what they belonged to", async () => {
    const source = new FakeSource("files", one("a"));
    const { state } = await setup(source);
    expect(state.findTargets("expose/a/tcp/1/")).not.toBeNull();
    source.show(one("b"));
    expect(state.findTargets("expose/a/tcp/1/")).toBeNull();
    expect(state.findTargets("expose/b/tcp/1/")).not.toBeNull();
  });

  it("reports a Gateway that two sources name", async () => {
    const { state } = await setup(
      new FakeSource("files", one("a")),
      new FakeSource("expose", one("a")),
    );
    expect(state.current.gateways).toHaveLength(1);
    expect(state.current.problems).toHaveLength(1);
  });

  it("has an inventory without any source", async () => {
    const { state } = await setup();
    expect(state.current).toMatchObject({ source: "none", gateways: [], generation: 1 });
  });
});
