import { describe, expect, it } from "vitest";
import {
  gateway,
  KEY,
  look,
  onlyListener,
  route,
  service,
  SHOP,
  slice,
} from "./testing/objects.ts";

describe("a whole chain", () => {
  it("leads from the Gateway's listener to the addresses behind the Service", () => {
    const snapshot = look(SHOP);
    expect(snapshot.problems).toEqual([]);
    expect(onlyListener(snapshot)).toMatchObject({
      name: "db",
      port: 5432,
      protocol: "tcp",
      hostname: null,
      problem: null,
      problemCode: null,
      routes: [{ kind: "TCPRoute", namespace: "shop", name: "db", accepted: true, message: "" }],
      backends: [{ namespace: "shop", name: "db", port: 5432, weight: 1, ready: true }],
    });
    expect(snapshot.targets.get(KEY)?.[0]?.addresses).toEqual([
      { host: "10.0.0.1", port: 15432 },
      { host: "10.0.0.2", port: 15432 },
    ]);
  });

  it("tells the server no address of a backend", () => {
    expect(JSON.stringify(look(SHOP).gateways)).not.toContain("10.0.0.1");
  });

  it("is the same whatever the order of the objects", () => {
    const a = look([...SHOP, route({ name: "another" })]);
    const b = look([route({ name: "another" }), ...SHOP.toReversed()]);
    expect(b).toEqual(a);
  });
});

describe("which Gateways are ours", () => {
  it.each([
    [{ "culvert.dev/managed": "true" }, 1],
    [{ "culvert.dev/managed": "" }, 1],
    [{ "pipeops.io/managed": "yes" }, 1],
    [{ "culvert.dev/managed": "false" }, 0],
    [{ team: "shop" }, 0],
    [{}, 0],
  ])("labels %j: %i", (labels, count) => {
    expect(look([gateway({ labels: labels })]).gateways).toHaveLength(count);
  });

  it("says how to label one when none is, and nothing when one is", () => {
    const strangers = [gateway({ name: "a", labels: {} }), gateway({ name: "b", labels: {} })];
    const [problem] = look(strangers, { isLenient: false }).problems;
    expect(problem?.where).toBe("Gateways");
    expect(problem?.reason).toContain(
      "2 Gateways are here, none with the label culvert.dev/managed or pipeops.io/managed.",
    );
    expect(problem?.reason).toContain("label gateway a culvert.dev/managed=true");
    expect(look([...strangers, gateway({})], { isLenient: false }).problems).toEqual([]);
  });

  it("follows the label of the configuration", () => {
    const objects = [gateway({ labels: { team: "shop" } })];
    expect(look(objects, { managedLabels: ["team=shop"] }).gateways).toHaveLength(1);
    expect(look(objects, { managedLabels: ["team=other"] }).gateways).toHaveLength(0);
  });

  it("says in a folder why one is left out", () => {
    const { problems } = look([gateway({ labels: {} })], { isLenient: true });
    expect(problems).toMatchObject([{ where: "Gateway shop/edge" }]);
  });
});

describe("which listener a route attaches to", () => {
  const listeners = [
    { name: "db", protocol: "TCP", port: 5432 },
    { name: "cache", protocol: "TCP", port: 6379 },
    { name: "web", protocol: "HTTP", port: 80 },
  ];
  it.each([
    ["neither name nor port: all of its kind", {}, ["db", "cache"]],
    ["by sectionName", { sectionName: "cache" }, ["cache"]],
    ["by port", { port: 5432 }, ["db"]],
    ["by both, agreeing", { sectionName: "db", port: 5432 }, ["db"]],
    ["by both, disagreeing", { sectionName: "db", port: 6379 }, []],
    ["another Gateway", { name: "other" }, []],
    ["another namespace", { namespace: "elsewhere" }, []],
    ["another kind of parent", { kind: "Service", group: "" }, []],
    ["another group", { group: "example.com" }, []],
  ])("%s", (_what, parent, expected) => {
    const snapshot = look([gateway({ listeners }), route({ parent }), service(), slice()]);
    const attached = snapshot.gateways[0]?.listeners.filter((item) => item.routes.length > 0);
    expect(attached?.map(({ name }) => name)).toEqual(expected);
  });

  it("refuses a kind that the listener cannot serve, when it is asked for by name", () => {
    const objects = [gateway({ listeners }), route({ parent: { sectionName: "web" } })];
    const web = look(objects).gateways[0]?.listeners.find(({ name }) => name === "web");
    expect(web?.routes).toMatchObject([{ accepted: false, reason: "NotAllowedByListeners" }]);
    expect(web?.problem).toContain("TCPRoute shop/db");
  });

  it("says in a folder that a route reaches no listener", () => {
    const lost = [
      gateway(),
      route({ parent: { sectionName: "typo" } }),
      route({ name: "b", parent: { name: "gone" } }),
    ];
    const reasons = look(lost, { isLenient: true }).problems.map(({ reason }) => reason);
    expect(reasons).toHaveLength(2);
    expect(reasons.join()).toContain("typo");
    expect(reasons.join()).toContain("shop/gone");
  });
});

describe("which routes a listener allows", () => {
  const from = (namespaces: object): object[] => [
    gateway({
      listeners: [{ name: "db", protocol: "TCP", port: 5432, allowedRoutes: { namespaces } }],
    }),
    route({ namespace: "data", parent: { namespace: "shop" } }),
    service({ namespace: "data" }),
    slice({ namespace: "data" }),
  ];
  const selector = (matchLabels: object): object => ({
    from: "Selector",
    selector: { matchLabels },
  });
  it.each([
    ["Same by default", {}, false],
    ["Same", { from: "Same" }, false],
    ["All", { from: "All" }, true],
    ["None", { from: "None" }, false],
    ["Selector by the namespace's name", selector({ "kubernetes.io/metadata.name": "data" }), true],
    ["Selector of another name", selector({ "kubernetes.io/metadata.name": "shop" }), false],
    ["Selector by a label nobody knows", selector({ team: "data" }), false],
    ["Selector without a selector", { from: "Selector" }, false],
  ])("%s", (_what, namespaces, isAllowed) => {
    const listener = onlyListener(look(from(namespaces)));
    expect(listener.routes[0]?.accepted).toBe(isAllowed);
    expect(listener.problem === null).toBe(isAllowed);
  });

  it("knows labels of namespaces where they are given", () => {
    const namespaceLabels = new Map([["data", { team: "data" }]]);
    const listener = onlyListener(look(from(selector({ team: "data" })), { namespaceLabels }));
    expect(listener.routes[0]?.accepted).toBe(true);
  });

  it.each([
    ["its own kind", [{ kind: "TCPRoute" }], true],
    [
      "its own kind with the group",
      [{ group: "gateway.networking.k8s.io", kind: "TCPRoute" }],
      true,
    ],
    ["another kind", [{ kind: "UDPRoute" }], false],
    ["the kind of another group", [{ group: "example.com", kind: "TCPRoute" }], false],
  ])("kinds: %s", (_what, kinds, isAllowed) => {
    const listeners = [{ name: "db", protocol: "TCP", port: 5432, allowedRoutes: { kinds } }];
    const listener = onlyListener(look([gateway({ listeners }), route(), service(), slice()]));
    expect(listener.problem === null).toBe(isAllowed);
  });
});

describe("host names", () => {
  const attach = (listenerHost: string | undefined, hostnames: readonly string[]): boolean => {
    const listeners = [{ name: "web", protocol: "HTTP", port: 80, hostname: listenerHost }];
    const objects = [
      gateway({ listeners }),
      route({ kind: "HTTPRoute", hostnames }),
      service(),
      slice(),
    ];
    return onlyListener(look(objects)).routes[0]?.accepted ?? false;
  };
  it.each([
    [undefined, ["a.example.com"], true],
    ["a.example.com", [], true],
    ["a.example.com", ["A.example.com"], true],
    ["*.example.com", ["a.example.com"], true],
    ["a.example.com", ["*.example.com"], true],
    ["*.example.com", ["example.com"], false],
    ["*.example.com", ["a.example.org"], false],
    ["*.example.com", ["evil-example.com"], false],
    ["a.example.com", ["b.example.com"], false],
  ])("listener %s, route %j: %s", (listenerHost, hostnames, expected) => {
    expect(attach(listenerHost, hostnames)).toBe(expected);
  });

  it("are part of the key for HTTP and TLS, and never for TCP", () => {
    const listeners = [
      { name: "web", protocol: "HTTPS", port: 443, hostname: "A.example.com" },
      { name: "sni", protocol: "TLS", port: 8443, hostname: "b.example.com" },
      { name: "db", protocol: "TCP", port: 5432, hostname: "c.example.com" },
    ];
    expect(look([gateway({ listeners })]).gateways[0]?.listeners).toMatchObject([
      { protocol: "http", hostname: "a.example.com" },
      { protocol: "tls", hostname: "b.example.com" },
      { protocol: "tcp", hostname: null },
    ]);
  });
});

describe("what else a Gateway says", () => {
  it("carries its annotations, ours before others', and its addresses", () => {
    const annotations = {
      "culvert.dev/routing-mode": "dual",
      "pipeops.io/routing-mode": "direct",
      "pipeops.io/idle-timeout": "10m",
    };
    const addresses = [{ type: "IPAddress", value: "203.0.113.7" }];
    expect(
      look([gateway({ annotations, addresses })], { isLenient: true }).gateways[0],
    ).toMatchObject({
      routingMode: "dual",
      idleTimeoutMs: 600_000,
      addresses: ["203.0.113.7"],
    });
  });

  it("falls back to the configured idle time", () => {
    expect(look([gateway()], { defaultIdleTimeoutMs: 60_000 }).gateways[0]?.idleTimeoutMs).toBe(
      60_000,
    );
  });

  it("reports annotations that make no sense, and goes on without them", () => {
    const annotations = {
      "culvert.dev/routing-mode": "sideways",
      "culvert.dev/idle-timeout": "1s",
    };
    const snapshot = look([gateway({ annotations })]);
    expect(snapshot.gateways[0]).toMatchObject({ routingMode: null, idleTimeoutMs: null });
    expect(snapshot.problems).toHaveLength(2);
  });

  it("reports protocols that nobody knows, and goes on with the rest", () => {
    const listeners = [
      { name: "a", protocol: "TCP", port: 1 },
      { name: "c", protocol: "example.com/odd", port: 2 },
    ];
    const snapshot = look([gateway({ listeners })]);
    expect(snapshot.gateways[0]?.listeners.map(({ name }) => name)).toEqual(["a"]);
    expect(snapshot.problems).toMatchObject([
      { where: "Gateway shop/edge", code: "UnsupportedProtocol" },
    ]);
  });

  it("leaves out protocols that are switched off", () => {
    const listeners = [
      { name: "a", protocol: "TCP", port: 1 },
      { name: "b", protocol: "UDP", port: 1 },
    ];
    const { gateways } = look([gateway({ listeners })], { protocols: new Set(["udp"]) });
    expect(gateways[0]?.listeners.map(({ name }) => name)).toEqual(["b"]);
  });
});
