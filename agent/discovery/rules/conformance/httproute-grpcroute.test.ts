import { describe, expect, it } from "vitest";
import {
  gateway,
  look,
  onlyListener,
  route,
  service,
  slice,
  verdictsOf,
} from "../testing/objects.ts";

/*
 * What the conformance tests of Gateway API 1.6 assert of HTTPRoute and GRPCRoute, as far as discovery can see it.
 */

const http = (name: string, hostname?: string, port = 80): object => ({
  name,
  hostname,
  port,
  protocol: "HTTP",
});

describe.each([
  ["HTTPRoute", "GRPCRoute"],
  ["GRPCRoute", "HTTPRoute"],
])("%s", (kind, otherKind) => {
  const listeners = [
    http("exact", "very.specific.com"),
    http("wild", "*.wildcard.io"),
    http("any", "*.anotherwildcard.io"),
  ];

  it.each([
    ["a name the listener has", ["non.matching.com", "very.specific.com"], ["exact"]],
    ["names under the listener's wildcard", ["wildcard.io", "foo.bar.wildcard.io"], ["wild"]],
    ["a wildcard over the listener's name", ["non.matching.com", "*.specific.com"], ["exact"]],
    ["the listener's own wildcard", ["*.anotherwildcard.io"], ["any"]],
    ["none of its own", [], ["exact", "wild", "any"]],
  ])("attaches only where host names meet: %s", (_what, hostnames, expected) => {
    const snapshot = look([gateway({ listeners }), route({ kind, hostnames }), service(), slice()]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual(
      Object.fromEntries(expected.map((name) => [name, "Accepted"])),
    );
  });

  it("reports NoMatchingListenerHostname where none meets", () => {
    const hostnames = ["specific.but.wrong.com", "wildcard.io"];
    const snapshot = look([gateway({ listeners }), route({ kind, hostnames }), service(), slice()]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({
      exact: "NoMatchingListenerHostname",
      wild: "NoMatchingListenerHostname",
      any: "NoMatchingListenerHostname",
    });
  });

  it.each([
    ["a section that is not there", { sectionName: "typo" }],
    ["a port that is not there", { port: 81 }],
    ["a section and another port", { sectionName: "exact", port: 81 }],
  ])("reports NoMatchingParent for %s", (_what, parent) => {
    const snapshot = look([gateway({ listeners }), route({ kind, parent }), service(), slice()]);
    expect(verdictsOf(snapshot, "db")).toEqual({ listeners: {}, problems: ["NoMatchingParent"] });
  });

  it("is not allowed by a Gateway for other kinds", () => {
    const only = [{ name: "tls", port: 443, protocol: "TLS", tls: { mode: "Passthrough" } }];
    const snapshot = look([gateway({ listeners: only }), route({ kind }), service(), slice()]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ tls: "NotAllowedByListeners" });
  });

  it.each([
    ["Same", "NotAllowedByListeners"],
    ["All", "Accepted"],
  ])("of another namespace, where the listener allows %s: %s", (from, reason) => {
    const open = [{ ...http("web"), allowedRoutes: { namespaces: { from } } }];
    const snapshot = look([
      gateway({ listeners: open }),
      route({ kind, namespace: "web", parent: { namespace: "shop" } }),
      service({ namespace: "web" }),
      slice({ namespace: "web" }),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ web: reason });
  });

  it("attaches to several Gateways at once", () => {
    const snapshot = look([
      gateway({ name: "a", listeners: [http("left")] }),
      gateway({ name: "b", listeners: [http("right")] }),
      route({ kind, parents: [{ name: "a" }, { name: "b" }] }),
      service(),
      slice(),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ left: "Accepted", right: "Accepted" });
  });

  it("is judged once by a listener that it names twice, at its best", () => {
    const open = [http("web", "a.example.com")];
    const snapshot = look([
      gateway({ listeners: open }),
      route({
        kind,
        parents: [
          { name: "edge", sectionName: "web" },
          { name: "edge", port: 80 },
        ],
      }),
      service(),
      slice(),
    ]);
    expect(onlyListener(snapshot).routes).toMatchObject([{ accepted: true }]);
  });

  it("goes on with its valid rule when another leads nowhere", () => {
    const rules = [
      { backendRefs: [{ name: "hidden", namespace: "data", port: 5432 }] },
      { backendRefs: [{ name: "db", port: 5432 }] },
    ];
    const snapshot = look([
      gateway({ listeners: [http("web")] }),
      route({ kind, rules }),
      service(),
      slice(),
    ]);
    expect(onlyListener(snapshot)).toMatchObject({
      problem: null,
      routes: [{ accepted: true, message: expect.stringContaining("ReferenceGrant") as string }],
      backends: [
        { name: "hidden", ready: false },
        { name: "db", ready: true },
      ],
    });
  });

  it("publishes nothing when it names no backend", () => {
    const snapshot = look([gateway({ listeners: [http("web")] }), route({ kind, rules: [{}] })]);
    expect(onlyListener(snapshot).problem).not.toBeNull();
    expect(snapshot.targets.size).toBe(0);
  });

  it.each([
    [undefined, null],
    ["kubernetes.io/h2c", null],
    ["kubernetes.io/ws", null],
    ["redis", "UnsupportedProtocol"],
    ["example.com/odd", "UnsupportedProtocol"],
  ])("to a port with appProtocol %s: %s", (appProtocol, problemCode) => {
    const snapshot = look([
      gateway({ listeners: [http("web")] }),
      route({ kind }),
      service({ spec: { ports: [{ name: "pg", port: 5432, appProtocol }] } }),
      slice(),
    ]);
    expect(onlyListener(snapshot).problemCode).toBe(problemCode);
  });

  it("loses host names to an older route of the other kind, and to no route of its own", () => {
    const make = (parts: object): object => route({ hostnames: ["a.example.com"], ...parts });
    const snapshot = look([
      gateway({ listeners: [http("web")] }),
      make({ kind: otherKind, name: "old", createdAt: "2026-01-01T00:00:00Z" }),
      make({ kind: otherKind, name: "same", createdAt: "2026-01-02T00:00:00Z" }),
      make({ kind, name: "late", createdAt: "2026-01-02T00:00:00Z" }),
      make({
        kind,
        name: "elsewhere",
        createdAt: "2026-01-02T00:00:00Z",
        hostnames: ["b.example.com"],
      }),
      service(),
      slice(),
    ]);
    expect(verdictsOf(snapshot, "old").listeners).toEqual({ web: "Accepted" });
    expect(verdictsOf(snapshot, "same").listeners).toEqual({ web: "Accepted" });
    expect(verdictsOf(snapshot, "late").listeners).toEqual({ web: "NotAllowedByListeners" });
    expect(verdictsOf(snapshot, "elsewhere").listeners).toEqual({ web: "Accepted" });
  });
});
