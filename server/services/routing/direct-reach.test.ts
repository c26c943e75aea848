import { describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import type { DirectState } from "#protocol/relay/events.ts";
import { combineReach, directTargets, isTargeted } from "./direct-reach.ts";

const state = (over: Partial<DirectState> = {}): DirectState => ({
  tunnelId: TunnelId.parse("tn_00000000000000000001"),
  state: "verified",
  address: "203.0.113.9:5432",
  rttMs: 3,
  reason: null,
  since: 1_000,
  ...over,
});
const lost = state({ state: "not_answering", reason: "It refuses.", since: 2_000 });
const unknown = state({ state: "unverified", reason: "It does not answer.", since: 500 });

describe("what several relays see of a direct address", () => {
  it("is nothing while no relay has looked", () => {
    expect(combineReach([])).toBeNull();
    expect(combineReach([null, null])).toBeNull();
  });

  it("is verified when all of them reach it, since the last one did", () => {
    expect(combineReach([state(), state({ since: 4_000 })])).toMatchObject({
      state: "verified",
      since: 4_000,
    });
  });

  it("is not verified while one has not looked yet", () => {
    expect(combineReach([state(), null])).toMatchObject({ state: "unverified" });
  });

  it("is what the worst of them sees", () => {
    expect(combineReach([state(), unknown])).toMatchObject({ state: "unverified", since: 500 });
    expect(combineReach([unknown, state(), lost])).toMatchObject({ state: "not_answering" });
    expect(combineReach([null, lost])).toMatchObject({ reason: "It refuses." });
  });
});

describe("the addresses clients could use directly", () => {
  it("are the Gateway's that are reachable from outside, with the listener's port", () => {
    const addresses = ["10.0.0.1", "198.18.7.1", "2a00::1", "lb.example.com", "db.local"];
    const targets = directTargets(addresses, 5432, ["198.18.0.0/16"]);
    expect(targets.map(({ host }) => host)).toEqual(["198.18.7.1", "2a00::1", "lb.example.com"]);
    expect(isTargeted(targets, "[2a00::1]:5432")).toBe(true);
    expect(isTargeted(targets, "10.0.0.1:5432")).toBe(false);
  });

  it("are so many at most as one message may name", () => {
    const addresses = Array.from({ length: 40 }, (_none, i) => `8.8.8.${i}`);
    expect(directTargets(addresses, 1, [])).toHaveLength(16);
  });
});
