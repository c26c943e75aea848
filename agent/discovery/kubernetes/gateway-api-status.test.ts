import { describe, expect, it } from "vitest";
import { GatewayApiStatus } from "#protocol/control/inventory.ts";
import { describeGatewayApi, pickVersion } from "./gateway-api-status.ts";
import type { ServedTable } from "./served-versions.ts";

const NO_BUNDLE = { bundleVersion: null, channel: null };
const STANDARD_1_4: ServedTable = new Map([
  ["Gateway", ["v1", "v1beta1"]],
  ["HTTPRoute", ["v1", "v1beta1"]],
  ["GRPCRoute", ["v1"]],
  ["ReferenceGrant", ["v1beta1"]],
]);

function describeKinds(table: ServedTable, denied: ReadonlyMap<string, string> = new Map()) {
  const status = describeGatewayApi(table, NO_BUNDLE, denied);
  // Whatever is said must fit the wire.
  GatewayApiStatus.parse(status);
  return new Map(status.kinds.map((kind) => [kind.kind, kind]));
}

describe("pickVersion", () => {
  it.each([
    [["v1beta1", "v1"], "v1"],
    [["v1alpha2", "v1beta1"], "v1beta1"],
    [["v1alpha2", "v1alpha3"], "v1alpha3"],
    [["v1alpha2"], "v1alpha2"],
    [["v2"], null],
    [[], null],
  ])("takes the best of %j: %s", (served, version) => {
    expect(pickVersion(served)).toBe(version);
  });
});

describe("describeGatewayApi", () => {
  it("names every kind, and advises only where something is missing", () => {
    const kinds = describeKinds(STANDARD_1_4);
    expect([...kinds.keys()].sort()).toEqual(
      [
        "GRPCRoute",
        "Gateway",
        "HTTPRoute",
        "ReferenceGrant",
        "TCPRoute",
        "TLSRoute",
        "UDPRoute",
      ].sort(),
    );
    const advised = [...kinds.values()].filter(({ advice }) => advice !== null);
    expect(advised.map(({ kind }) => kind)).toEqual(["TLSRoute", "TCPRoute", "UDPRoute"]);
    expect(kinds.get("ReferenceGrant")).toMatchObject({ version: "v1beta1", served: ["v1beta1"] });
  });

  it("says of every kind that nothing is installed where nothing is", () => {
    const kinds = [...describeKinds(new Map()).values()];
    expect(new Set(kinds.map(({ advice }) => advice)).size).toBe(1);
    expect(kinds.every(({ version, advice }) => version === null && advice !== null)).toBe(true);
  });

  it("knows a kind that is served too new from one that is missing", () => {
    const kinds = describeKinds(new Map([...STANDARD_1_4, ["TCPRoute", ["v2"]]]));
    expect(kinds.get("TCPRoute")).toMatchObject({ version: null, served: ["v2"] });
    expect(kinds.get("TCPRoute")?.advice).not.toBe(kinds.get("UDPRoute")?.advice);
  });

  it("passes on what has to be granted", () => {
    const kinds = describeKinds(STANDARD_1_4, new Map([["Gateway", "Grant it."]]));
    expect(kinds.get("Gateway")).toMatchObject({ version: "v1", advice: "Grant it." });
  });
});
