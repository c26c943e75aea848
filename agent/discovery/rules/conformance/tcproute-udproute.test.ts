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
 * What the conformance tests of Gateway API 1.6 assert of TCPRoute and UDPRoute, as far as discovery can see it.
 */

describe.each([
  ["TCPRoute", "TCP", "UDPRoute"],
  ["UDPRoute", "UDP", "TCPRoute"],
])("%s", (kind, protocol, otherKind) => {
  const backend = (name: string): object[] => [
    service({ name, spec: { ports: [{ name: "p", port: 3000, protocol }] } }),
    slice({ service: name, ports: [{ name: "p", port: 3000, protocol }] }),
  ];
  const ref = (name: string, weight?: number): object => ({ name, port: 3000, weight });
  const listener = (name: string, port: number): object => ({
    name,
    port,
    protocol,
    allowedRoutes: { kinds: [{ kind }] },
  });

  it("attaches to every listener of its kind when it names neither section nor port", () => {
    const listeners = [listener("one", 1), listener("two", 2), listener("three", 3)];
    const snapshot = look([
      gateway({ listeners }),
      route({ kind, backendRefs: [ref("all")] }),
      ...backend("all"),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({
      one: "Accepted",
      two: "Accepted",
      three: "Accepted",
    });
    expect([...snapshot.targets.values()].map(([first]) => first?.name)).toEqual([
      "all",
      "all",
      "all",
    ]);
  });

  it("attaches by port, by section or by both, each listener to its own backend", () => {
    const listeners = [listener("one", 1), listener("two", 2), listener("three", 3)];
    const snapshot = look([
      gateway({ listeners }),
      route({ kind, name: "a", parent: { port: 1 }, backendRefs: [ref("first")] }),
      route({ kind, name: "b", parent: { sectionName: "two" }, backendRefs: [ref("second")] }),
      route({
        kind,
        name: "c",
        parent: { sectionName: "three", port: 3 },
        backendRefs: [ref("third")],
      }),
      ...backend("first"),
      ...backend("second"),
      ...backend("third"),
    ]);
    expect([...snapshot.targets.values()].map(([first]) => first?.name)).toEqual([
      "first",
      "second",
      "third",
    ]);
  });

  it.each([
    ["a section that is not there", { sectionName: "typo" }],
    ["a port that is not there", { port: 9 }],
    ["a section and the port of another", { sectionName: "one", port: 2 }],
  ])("reports NoMatchingParent for %s", (_what, parent) => {
    const listeners = [listener("one", 1), listener("two", 2)];
    const snapshot = look([gateway({ listeners }), route({ kind, parent }), ...backend("db")]);
    expect(verdictsOf(snapshot, "db")).toEqual({ listeners: {}, problems: ["NoMatchingParent"] });
    expect(snapshot.targets.size).toBe(0);
  });

  it.each([
    ["HTTP", { kinds: [{ kind: "HTTPRoute" }] }],
    ["HTTP", undefined],
    ["TLS", undefined],
    [protocol, { kinds: [{ kind: otherKind }] }],
  ])("is not allowed by a %s listener with allowedRoutes %j", (other, allowedRoutes) => {
    const listeners = [{ name: "web", port: 80, protocol: other, allowedRoutes }];
    for (const parent of [{}, { sectionName: "web" }]) {
      const snapshot = look([gateway({ listeners }), route({ kind, parent }), ...backend("db")]);
      expect(verdictsOf(snapshot, "db").listeners).toEqual({ web: "NotAllowedByListeners" });
      expect(onlyListener(snapshot)).toMatchObject({ problem: expect.any(String) as string });
      expect(snapshot.targets.size).toBe(0);
    }
  });

  describe("beside another on one listener", () => {
    const both = (older: object, newer: object): object[] => [
      gateway({ listeners: [listener("one", 1)] }),
      route({ kind, backendRefs: [ref("first")], ...older }),
      route({ kind, backendRefs: [ref("second")], ...newer }),
      ...backend("first"),
      ...backend("second"),
    ];

    it("is accepted, and only the oldest one carries traffic", () => {
      const snapshot = look(
        both(
          { name: "z", createdAt: "2026-01-01T00:00:00Z" },
          { name: "a", createdAt: "2026-01-01T00:00:01Z" },
        ),
      );
      expect(verdictsOf(snapshot, "z").listeners).toEqual({ one: "Accepted" });
      expect(verdictsOf(snapshot, "a").listeners).toEqual({ one: "Accepted" });
      expect(onlyListener(snapshot)).toMatchObject({
        backends: [{ name: "first" }],
        routes: [
          { name: "a", message: expect.stringContaining("shop/z") as string },
          { name: "z", message: "" },
        ],
      });
    });

    it.each([
      ["in name", { name: "a" }, { name: "b" }],
      ["in namespace", { namespace: "shop" }, { namespace: "zoo", parent: { namespace: "shop" } }],
    ])("yields to the first %s when both are equally old", (_what, older, newer) => {
      const createdAt = "2026-01-01T00:00:00Z";
      const listeners = [{ ...listener("one", 1), allowedRoutes: { namespaces: { from: "All" } } }];
      const snapshot = look([
        ...both({ ...older, createdAt }, { ...newer, createdAt }).slice(1),
        gateway({ listeners }),
      ]);
      expect(onlyListener(snapshot).backends.map(({ name }) => name)).toEqual(["first"]);
    });

    it("takes over when the older one is gone", () => {
      const objects = both({ name: "a" }, { name: "b" });
      const snapshot = look(objects.toSpliced(1, 1));
      expect(onlyListener(snapshot)).toMatchObject({
        backends: [{ name: "second" }],
        routes: [{ name: "b", message: "" }],
      });
    });

    it("does not take over because the older one leads nowhere", () => {
      const snapshot = look(both({ name: "a", backendRefs: [ref("gone")] }, { name: "b" }));
      expect(onlyListener(snapshot)).toMatchObject({
        problemCode: "BackendNotFound",
        routes: [{ accepted: false }, { accepted: true }],
      });
      expect(snapshot.targets.size).toBe(0);
    });
  });

  it.each([
    ["BackendNotFound", "a Service that does not exist", ref("gone")],
    ["InvalidKind", "another kind", { kind: "Bucket", group: "example.com", name: "db", port: 1 }],
    ["InvalidKind", "another group", { group: "example.com", name: "db", port: 3000 }],
    ["InvalidKind", "no port", { name: "db" }],
    ["RefNotPermitted", "another namespace", { ...ref("db"), namespace: "data" }],
  ])("reports %s for a backend of %s", (reason, _what, backendRef) => {
    const snapshot = look([
      gateway({ listeners: [listener("one", 1)] }),
      route({ kind, backendRefs: [backendRef] }),
      ...backend("db"),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ one: reason });
    expect(onlyListener(snapshot).problemCode).toBe(reason);
    expect(snapshot.targets.size).toBe(0);
  });

  it("reports UnsupportedProtocol for a port of the other transport", () => {
    const other = protocol === "TCP" ? "UDP" : "TCP";
    const snapshot = look([
      gateway({ listeners: [listener("one", 1)] }),
      route({ kind, backendRefs: [ref("db")] }),
      service({ spec: { ports: [{ port: 3000, protocol: other }] } }),
    ]);
    expect(onlyListener(snapshot).problemCode).toBe("UnsupportedProtocol");
  });

  it("carries the weights, and names the backend of weight 0", () => {
    const backendRefs = [ref("v1", 70), ref("v2", 30), ref("v3", 0)];
    const snapshot = look([
      gateway({ listeners: [listener("one", 1)] }),
      route({ kind, backendRefs }),
      ...["v1", "v2", "v3"].flatMap(backend),
    ]);
    const [targets] = snapshot.targets.values();
    expect(targets?.map(({ name, weight }) => [name, weight])).toEqual([
      ["v1", 70],
      ["v2", 30],
      ["v3", 0],
    ]);
  });

  it("uses the first of several rules, as older versions allow them, and says so", () => {
    const snapshot = look([
      gateway({ listeners: [listener("one", 1)] }),
      route({ kind, rules: [{ backendRefs: [ref("v1")] }, { backendRefs: [ref("v2")] }] }),
      ...["v1", "v2"].flatMap(backend),
    ]);
    expect(onlyListener(snapshot)).toMatchObject({
      backends: [{ name: "v1" }],
      routes: [{ accepted: true, message: expect.stringContaining("2 rules") as string }],
    });
  });
});
