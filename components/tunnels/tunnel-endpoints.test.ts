import { describe, expect, it } from "vitest";
import { DIRECT_ADDRESS, makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { directEndpoint, endpointsInForce, mainEndpoint } from "./tunnel-endpoints.ts";

const RELAY = "culvert.example.com:15002";

describe("endpointsInForce", () => {
  it.each([
    ["direct", "verified", [DIRECT_ADDRESS]],
    ["dual", "verified", [RELAY, DIRECT_ADDRESS]],
    ["direct", "unverified", [RELAY]],
    ["dual", "not_answering", [RELAY]],
    ["tunnel", "verified", [RELAY]],
  ] as const)("in %s with an address that is %s gives %j", (wanted, state, addresses) => {
    const found = endpointsInForce(makeDirectTunnel({ wanted, state }));
    expect(found.map(({ address }) => address)).toEqual(addresses);
  });

  it("is empty while nothing is published, even where an address is known", () => {
    const [, direct] = makeDirectTunnel().endpoints;
    const endpoints = direct === undefined ? [] : [direct];
    expect(mainEndpoint(makeTunnel({ endpoints }))).toBeNull();
  });
});

describe("directEndpoint", () => {
  it("is the address that the relays verified, not the first in the list", () => {
    const tunnel = makeDirectTunnel();
    const other = {
      kind: "direct",
      address: "198.51.100.1:5432",
      verifiedAt: null,
      problem: null,
    } as const;
    expect(directEndpoint({ ...tunnel, endpoints: [other, ...tunnel.endpoints] })?.address).toBe(
      DIRECT_ADDRESS,
    );
  });
});
