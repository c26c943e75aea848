import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UpstreamBackend } from "../discovery/discovery.ts";
import { pickBackend, pickNamed } from "./pick-backend.ts";

const backend = (name: string, weight: number, ready = true): UpstreamBackend => ({
  namespace: "shop",
  name,
  port: 1,
  weight,
  ready,
  reason: null,
  addresses: ready ? [1, 2, 3, 4].map((n) => ({ host: `10.0.0.${n}`, port: 1 })) : [],
});

describe("pickBackend", () => {
  it("keeps to the weights", () => {
    const list = [backend("a", 1), backend("b", 3)];
    const names = Array.from(
      { length: 1_000 },
      (_none, i) => pickBackend(list, () => i / 1_000)?.backend.name,
    );
    expect(names.filter((name) => name === "a")).toHaveLength(250);
  });

  it("passes over backends that are not ready or have weight 0", () => {
    const list = [backend("down", 100, false), backend("none", 0), backend("up", 1)];
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (x) => {
        expect(pickBackend(list, () => x)?.backend.name).toBe("up");
      }),
    );
  });

  it("leaves the share of a wrong reference to nobody", () => {
    const wrong = { ...backend("wrong", 3, false), isInvalid: true };
    const picks = [0, 0.25, 0.5, 0.74, 0.75, 0.9].map(
      (x) => pickBackend([wrong, backend("up", 1)], () => x)?.addresses.length,
    );
    expect(picks).toEqual([0, 0, 0, 0, 3, 3]);
  });

  it.each([
    ["none at all", []],
    ["none ready", [backend("a", 1, false)]],
    ["weight 0 alone", [backend("a", 0)]],
  ])("picks nothing of %s", (_what, list) => {
    expect(pickBackend(list, () => 0.5)).toBeNull();
  });

  it("tries a few addresses, beginning anywhere", () => {
    const start = (x: number): string[] =>
      pickBackend([backend("a", 1)], () => x)?.addresses.map(({ host }) => host) ?? [];
    expect(start(0)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(start(0.99)).toEqual(["10.0.0.4", "10.0.0.1", "10.0.0.2"]);
  });
});

describe("pickNamed", () => {
  const key = { namespace: "shop", name: "b", port: 1 };

  it("takes the one that is named, whatever its weight", () => {
    const list = [backend("a", 100), backend("b", 0)];
    expect(pickNamed(list, key, () => 0.5)).toMatchObject({
      backend: { name: "b" },
      addresses: [{ host: "10.0.0.3" }, { host: "10.0.0.4" }, { host: "10.0.0.1" }],
    });
  });

  it("has no address for one that is not ready", () => {
    expect(pickNamed([backend("b", 1, false)], key, () => 0)?.addresses).toEqual([]);
  });

  it.each([
    ["another namespace", { ...key, namespace: "data" }],
    ["another name", { ...key, name: "c" }],
    ["another port", { ...key, port: 2 }],
  ])("takes nothing for %s", (_what, other) => {
    expect(pickNamed([backend("b", 1)], other, () => 0)).toBeNull();
  });

  it("takes no wrong reference, and the right one beside it", () => {
    const wrong = { ...backend("b", 1, false), isInvalid: true };
    expect(pickNamed([wrong], key, () => 0)).toBeNull();
    expect(pickNamed([wrong, backend("b", 1)], key, () => 0)?.addresses).toHaveLength(3);
  });
});
