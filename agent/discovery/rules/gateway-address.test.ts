import { describe, expect, it } from "vitest";
import type { DiscoverySnapshot } from "../discovery.ts";
import type { RulesOptions } from "./build-snapshot.ts";
import { gateway, KEY, look, SHOP } from "./testing/objects.ts";

const programmed = (status: string) => [{ type: "Programmed", status }];
const OWN = { addresses: [{ value: "203.0.113.7" }], conditions: programmed("True") };

function see(gatewayObject: object, options: Partial<RulesOptions> = {}): DiscoverySnapshot {
  return look([{ ...gateway(), ...gatewayObject }, ...SHOP.slice(1)], options);
}

const dialled = (snapshot: DiscoverySnapshot): readonly string[] =>
  (snapshot.targets.get(KEY) ?? []).flatMap(({ addresses }) =>
    addresses.map(({ host, port }) => `${host}:${port}`),
  );

const BACKENDS = ["10.0.0.1:15432", "10.0.0.2:15432"];

describe("a Gateway's own address", () => {
  it("is dialled at the listener's port, and reported, once the Gateway is programmed", () => {
    const snapshot = see({ status: OWN });
    expect(dialled(snapshot)).toEqual(["203.0.113.7:5432"]);
    expect(snapshot.gateways[0]?.addresses).toEqual(["203.0.113.7"]);
    expect(snapshot.gateways[0]?.listeners[0]?.backends).toHaveLength(1);
  });

  it.each([
    ["the Gateway is not programmed", { ...OWN, conditions: programmed("False") }],
    ["nobody says whether it is", { ...OWN, conditions: [] }],
    ["it has none", { ...OWN, addresses: [] }],
    ["none has a value", { ...OWN, addresses: [{}, { value: "" }] }],
  ])("gives way to the backends when %s", (_why, status) => {
    const snapshot = see({ status });
    expect(dialled(snapshot)).toEqual(BACKENDS);
    expect(snapshot.gateways[0]?.addresses).toEqual([]);
  });

  it("gives way to the backends of a listener that is not programmed", () => {
    const listener = (status: string) => [{ name: "db", conditions: programmed(status) }];
    expect(dialled(see({ status: { ...OWN, listeners: listener("False") } }))).toEqual(BACKENDS);
    expect(dialled(see({ status: { ...OWN, listeners: listener("True") } }))).toEqual([
      "203.0.113.7:5432",
    ]);
  });

  it("is the relay's where the class is ours, and never dialled: that would be a circle", () => {
    const spec = {
      gatewayClassName: "culvert",
      listeners: [{ name: "db", protocol: "TCP", port: 5432 }],
    };
    const ownGatewayClasses = new Set(["culvert"]);
    const snapshot = see({ spec, status: OWN }, { ownGatewayClasses });
    expect(dialled(snapshot)).toEqual(BACKENDS);
    expect(snapshot.gateways[0]?.addresses).toEqual([]);
    expect(dialled(see({ spec, status: OWN }))).toEqual(["203.0.113.7:5432"]);
  });

  it("is what the spec asks for in a folder, where targets are always backends", () => {
    const addresses = [{ value: "203.0.113.8" }];
    const snapshot = see({ ...gateway({ addresses }), status: OWN }, { isLenient: true });
    expect(dialled(snapshot)).toEqual(BACKENDS);
    expect(snapshot.gateways[0]?.addresses).toEqual(["203.0.113.8"]);
  });
});
