import { describe, expect, it } from "vitest";
import {
  gateway,
  look,
  onlyListener,
  route,
  service,
  SHOP,
  slice,
  verdictsOf,
} from "../testing/objects.ts";

/*
 * What the conformance tests of Gateway API 1.6 assert of Gateways and their listeners, as far as discovery can see it.
 */

const listener = (name: string, protocol: string, port: number, parts: object = {}): object => ({
  name,
  protocol,
  port,
  ...parts,
});
const codesOf = (listeners: readonly object[]): Record<string, string | null> =>
  Object.fromEntries(
    (look([gateway({ listeners })]).gateways[0]?.listeners ?? []).map((item) => [
      item.name,
      item.problemCode,
    ]),
  );

describe("listeners that cannot be told apart", () => {
  const P = "ProtocolConflict";
  const H = "HostnameConflict";
  const host = (hostname: string): object => ({ hostname });
  it.each([
    [
      "TCP beside HTTP on a port",
      [listener("a", "TCP", 80), listener("b", "HTTP", 80)],
      { a: P, b: P },
    ],
    [
      "TCP beside TLS on a port",
      [listener("a", "TCP", 443), listener("b", "TLS", 443, host("b.com"))],
      { a: P, b: P },
    ],
    ["TCP twice on a port", [listener("a", "TCP", 1), listener("b", "TCP", 1)], { a: P, b: P }],
    ["UDP twice on a port", [listener("a", "UDP", 1), listener("b", "UDP", 1)], { a: P, b: P }],
    [
      "HTTP beside HTTPS on a port",
      [listener("a", "HTTP", 80, host("a.com")), listener("b", "HTTPS", 80, host("b.com"))],
      { a: P, b: P },
    ],
    [
      "one host name twice, whatever its case",
      [listener("a", "HTTP", 80, host("a.com")), listener("b", "HTTP", 80, host("A.com"))],
      { a: H, b: H },
    ],
    ["no host name twice", [listener("a", "HTTP", 80), listener("b", "HTTP", 80)], { a: H, b: H }],
    [
      "HTTPS and TLS for one host name",
      [listener("a", "HTTPS", 443, host("a.com")), listener("b", "TLS", 443, host("a.com"))],
      { a: H, b: H },
    ],
    ["TCP and UDP on a port", [listener("a", "TCP", 53), listener("b", "UDP", 53)], null],
    [
      "host names that overlap without being the same",
      [listener("a", "HTTP", 80, host("*.b.com")), listener("b", "HTTP", 80, host("a.b.com"))],
      null,
    ],
    [
      "HTTPS and TLS for two host names",
      [listener("a", "HTTPS", 443, host("a.com")), listener("b", "TLS", 443, host("b.com"))],
      null,
    ],
    [
      "one host name on two ports",
      [listener("a", "HTTP", 80, host("a.com")), listener("b", "HTTP", 81, host("a.com"))],
      null,
    ],
  ])("%s", (_what, listeners, expected) => {
    expect(codesOf(listeners)).toEqual(expected ?? { a: null, b: null });
  });

  it("are all shown and none published, while the others are", () => {
    const listeners = [
      listener("a", "TCP", 5432),
      listener("b", "TCP", 5432),
      listener("c", "TCP", 6379),
    ];
    const snapshot = look([gateway({ listeners }), ...SHOP.slice(1)]);
    expect([...snapshot.targets.keys()]).toEqual(["shop/edge/tcp/6379/"]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({
      a: "Accepted",
      b: "Accepted",
      c: "Accepted",
    });
  });
});

describe("kinds of route that a listener allows", () => {
  const kinds = (...names: readonly string[]): object[] => [
    listener("web", "HTTP", 80, {
      allowedRoutes: { kinds: names.map((kind) => ({ kind })), namespaces: { from: "All" } },
    }),
  ];
  const objects = (...names: readonly string[]): object[] => [
    gateway({ listeners: kinds(...names) }),
    route({ kind: "HTTPRoute" }),
    service(),
    slice(),
  ];

  it("none of which it can serve: InvalidRouteKinds, and nothing attaches", () => {
    const snapshot = look(objects("InvalidRoute"));
    expect(onlyListener(snapshot).problemCode).toBe("InvalidRouteKinds");
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ web: "NotAllowedByListeners" });
  });

  it("one of which it can serve: that one is served, the other reported", () => {
    const snapshot = look(objects("InvalidRoute", "HTTPRoute"));
    expect(onlyListener(snapshot).problem).toBeNull();
    expect(snapshot.problems).toMatchObject([
      { where: "Gateway shop/edge", code: "InvalidRouteKinds" },
    ]);
  });

  it("all of which it can serve: nothing to report", () => {
    expect(look(objects("HTTPRoute", "GRPCRoute")).problems).toEqual([]);
  });
});

describe("a protocol that is not supported", () => {
  it("is reported, and its routes are refused in words of their own", () => {
    const listeners = [listener("odd", "INVALID", 1111)];
    const snapshot = look([gateway({ listeners }), route()]);
    expect(snapshot.gateways).toMatchObject([{ listeners: [] }]);
    expect(snapshot.problems).toMatchObject([
      { where: "TCPRoute shop/db", code: "NotAllowedByListeners" },
      { where: "Gateway shop/edge", code: "UnsupportedProtocol" },
    ]);
  });

  it("takes nothing from the listeners beside it", () => {
    const listeners = [listener("db", "TCP", 5432), listener("odd", "INVALID", 1111)];
    const snapshot = look([gateway({ listeners }), ...SHOP.slice(1)]);
    expect(onlyListener(snapshot).problem).toBeNull();
    expect(snapshot.problems).toMatchObject([{ code: "UnsupportedProtocol" }]);
  });
});

describe("addresses", () => {
  it("without a value ask for any and are passed over", () => {
    const addresses = [{ type: "IPAddress" }, { type: "IPAddress", value: "203.0.113.7" }];
    const { gateways } = look([gateway({ addresses })], { isLenient: true });
    expect(gateways[0]?.addresses).toEqual(["203.0.113.7"]);
  });
});

describe("ListenerSets are not read", () => {
  const bySet = route({ name: "set", parent: { kind: "ListenerSet", name: "more" } });
  const allow = (from: string): object => gateway({ allowedListeners: { namespaces: { from } } });

  it.each([
    ["All", 1],
    ["Same", 1],
    ["None", 0],
  ])("a Gateway that allows them from %s: %i words about it", (from, count) => {
    const { problems } = look([allow(from)]);
    expect(problems.filter(({ where }) => where === "Gateway shop/edge")).toHaveLength(count);
  });

  it("nor are routes that name one, which is said where it may be ours", () => {
    expect(verdictsOf(look([allow("All"), bySet]), "set").problems).toEqual(["NoMatchingParent"]);
    expect(verdictsOf(look([allow("None"), bySet]), "set").problems).toEqual([]);
    const folder = look([allow("None"), bySet], { isLenient: true });
    expect(verdictsOf(folder, "set").problems).toEqual(["NoMatchingParent"]);
  });
});

describe("routes of other people's Gateways", () => {
  it("are none of our business in a cluster, and a likely mistake in a folder", () => {
    const objects = [
      gateway(),
      gateway({ name: "theirs", labels: {} }),
      route({ name: "a", parent: { name: "theirs", sectionName: "typo" } }),
      route({ name: "b", parent: { name: "gone" } }),
    ];
    expect(look(objects).problems).toEqual([]);
    expect(verdictsOf(look(objects, { isLenient: true }), "b").problems).toEqual([
      "NoMatchingParent",
    ]);
  });
});

describe("a refusal by the cluster's own controller", () => {
  const refusal = (name: string, status = "False"): object => ({
    parents: [
      {
        parentRef: { name },
        controllerName: "example.com/controller",
        conditions: [{ type: "Accepted", status, reason: "Overloaded", message: "No room." }],
      },
    ],
  });
  it.each([
    ["is passed on as a note", refusal("edge"), true],
    ["of another Gateway is not", refusal("other"), false],
    ["that is none is not", refusal("edge", "True"), false],
    ["that cannot be read is not", { parents: "?" }, false],
  ])("%s, and the route stays accepted", (_what, status, isNoted) => {
    const [, , ...rest] = SHOP;
    const found = onlyListener(look([gateway(), route({ status }), ...rest]));
    expect(found.problem).toBeNull();
    expect(found.routes[0]?.accepted).toBe(true);
    expect(found.routes[0]?.message.includes("Overloaded")).toBe(isNoted);
  });
});
