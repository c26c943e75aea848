import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignHostNames, type NameClaim } from "./assign-host-names.ts";

const RESERVED = { edgeDomain: "tunnel.test", publicHost: "culvert.example.com" };

function claim(tunnelId: string, facts: Partial<NameClaim> = {}): NameClaim {
  return {
    tunnelId,
    clusterId: "cl_1",
    clusterName: "prod",
    namespace: "apps",
    gateway: tunnelId,
    port: 80,
    listenerHostname: null,
    createdAt: new Date(1_000),
    isPublished: true,
    hostnames: ["shop.test"],
    ...facts,
  };
}

/** Which tunnels each name leads to. */
function ownersIn(claims: readonly NameClaim[]): Record<string, string[]> {
  const names = assignHostNames(claims, RESERVED);
  const owners: Record<string, string[]> = {};
  for (const { tunnelId } of claims) {
    for (const { name, problem } of names.of(tunnelId)) {
      if (problem === null) (owners[name] ??= []).push(tunnelId);
    }
  }
  return owners;
}

const problemsOf = (claims: readonly NameClaim[], tunnelId: string) =>
  assignHostNames(claims, RESERVED)
    .of(tunnelId)
    .map(({ problem }) => problem);

describe("assignHostNames", () => {
  it("gives a name to the tunnel that was created first, whatever the order of the rows", () => {
    const claims = [
      claim("tn_b", { createdAt: new Date(2) }),
      claim("tn_a", { createdAt: new Date(3) }),
    ];
    expect(ownersIn(claims)).toEqual({ "shop.test": ["tn_b"] });
    expect(ownersIn(claims.toReversed())).toEqual({ "shop.test": ["tn_b"] });
  });

  it("goes by the id where two were created at the same time", () => {
    expect(ownersIn([claim("tn_b"), claim("tn_a")])).toEqual({ "shop.test": ["tn_a"] });
  });

  it("goes by the oldest tunnel of a port, whichever of its listeners asks", () => {
    const claims = [
      claim("tn_c", { gateway: "public", createdAt: new Date(3) }),
      claim("tn_a", { gateway: "public", createdAt: new Date(1), hostnames: ["old.test"] }),
      claim("tn_b", { createdAt: new Date(2) }),
    ];
    const expected = { "shop.test": ["tn_c"], "old.test": ["tn_a"] };
    expect(ownersIn(claims)).toEqual(expected);
    expect(ownersIn(claims.toReversed())).toEqual(expected);
  });

  it("says who has a name, with the cluster where that is another", () => {
    const first = claim("tn_a", { createdAt: new Date(1) });
    const there = claim("tn_b", { clusterId: "cl_2", clusterName: "test" });
    expect(problemsOf([first, claim("tn_c"), there], "tn_c")).toEqual([
      "It belongs to port 80 of Gateway apps/tn_a, which was there first.",
    ]);
    expect(problemsOf([first, there], "tn_b")).toEqual([
      "It belongs to port 80 of Gateway apps/tn_a of cluster prod, which was there first.",
    ]);
  });

  it("tells an exact name from a wildcard, and a wildcard from a longer one", () => {
    const claims = [
      claim("tn_a", { hostnames: ["*.test"], createdAt: new Date(1) }),
      claim("tn_b", { hostnames: ["a.test", "*.a.test"] }),
    ];
    expect(ownersIn(claims)).toEqual({
      "*.test": ["tn_a"],
      "a.test": ["tn_b"],
      "*.a.test": ["tn_b"],
    });
  });

  it("lets the listeners of one Gateway's port share what their oldest has", () => {
    const shared = { gateway: "edge", listenerHostname: "a.test" };
    const claims = [
      claim("tn_1", { gateway: "edge", hostnames: [], createdAt: new Date(1) }),
      claim("tn_2", { hostnames: ["a.test"], createdAt: new Date(2) }),
      claim("tn_3", { ...shared, hostnames: ["a.test"], createdAt: new Date(3) }),
    ];
    expect(ownersIn(claims)).toEqual({ "a.test": ["tn_3"] });
  });

  it("counts another port of the Gateway as another", () => {
    const claims = [
      claim("tn_1", { gateway: "edge", port: 8080, createdAt: new Date(1) }),
      claim("tn_2", { gateway: "edge" }),
    ];
    expect(ownersIn(claims)).toEqual({ "shop.test": ["tn_1"] });
  });

  it("leads to the listener whose host name covers the name most closely, and to no other", () => {
    const group = { gateway: "edge", hostnames: ["a.shop.test", "*.shop.test"] };
    const claims = [
      claim("tn_any", group),
      claim("tn_wild", { ...group, listenerHostname: "*.shop.test" }),
      claim("tn_exact", { ...group, listenerHostname: "a.shop.test", hostnames: ["a.shop.test"] }),
    ];
    expect(ownersIn(claims)).toEqual({ "a.shop.test": ["tn_exact"], "*.shop.test": ["tn_wild"] });
    expect(problemsOf(claims, "tn_wild")).toEqual([
      "The Gateway's listener for a.shop.test takes it.",
      null,
    ]);
  });

  it.each([
    ["tunnel.test", "Names of tunnel.test are given by Culvert itself."],
    ["a.b.tunnel.test", "Names of tunnel.test are given by Culvert itself."],
    ["*.tunnel.test", "Names of tunnel.test are given by Culvert itself."],
    ["culvert.example.com", "It is the dashboard's own name."],
    ["mytunnel.test", null],
    ["*.test", null],
    ["*.example.com", null],
  ])("lets nobody have what is ours: %s", (name, problem) => {
    expect(problemsOf([claim("tn_a", { hostnames: [name] })], "tn_a")).toEqual([problem]);
  });

  it("gives nothing to a tunnel that is not published, and its names to the next", () => {
    const claims = [claim("tn_a", { isPublished: false }), claim("tn_b")];
    expect(ownersIn(claims)).toEqual({ "shop.test": ["tn_b"] });
    expect(problemsOf(claims, "tn_a")).toEqual(["The tunnel is not published."]);
  });

  it("knows no names of a tunnel that it was not told of", () => {
    expect(assignHostNames([], RESERVED).of("tn_a")).toEqual([]);
  });

  it("never leads one name to two Gateways", () => {
    const claims = fc.array(
      fc.record({
        gateway: fc.constantFrom("a", "b", "c"),
        port: fc.constantFrom(80, 81),
        clusterId: fc.constantFrom("cl_1", "cl_2"),
        createdAt: fc.integer({ min: 0, max: 3 }).map((ms) => new Date(ms)),
        isPublished: fc.boolean(),
        hostnames: fc.uniqueArray(fc.constantFrom("x.test", "*.test", "y.x.test"), {
          maxLength: 3,
        }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(claims, (many) => {
        const all = many.map((facts, i) => claim(`tn_${i}`, facts));
        const groupOf = new Map(
          all.map((c) => [c.tunnelId, `${c.clusterId} ${c.gateway} ${c.port}`]),
        );
        for (const owners of Object.values(ownersIn(all))) {
          expect(new Set(owners.map((id) => groupOf.get(id))).size).toBe(1);
        }
        // Whoever is published and asks for a name either has it or is outdone.
        const asked = all.filter((c) => c.isPublished).flatMap((c) => c.hostnames);
        expect(new Set(Object.keys(ownersIn(all)))).toEqual(new Set(asked));
      }),
    );
  });
});
