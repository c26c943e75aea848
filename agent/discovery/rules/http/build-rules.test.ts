import { describe, expect, it } from "vitest";
import { HTTP_ROUTING_LIMITS } from "#protocol/control/http-routing.ts";
import { gateway, look, onlyListener, slice } from "../testing/objects.ts";
import {
  lookAtWeb,
  ruleOf,
  to,
  web,
  WEB_KEY,
  webGateway,
  webRoute,
  type WebLook,
} from "./testing/web.ts";

const routesIn = ({ routing }: WebLook): string[] => routing.rules.map(({ route }) => route);

describe("rules", () => {
  it("come from the oldest route first, then by name, each route's in its own order", () => {
    const at = (path: string) => ({
      backendRefs: [to("web")],
      matches: [{ path: { type: "Exact", value: path } }],
    });
    const { routing } = lookAtWeb([
      webRoute({ name: "c", createdAt: "2026-01-01T00:00:00Z", rules: [at("/2"), at("/1")] }),
      webRoute({ name: "b", createdAt: "2026-01-02T00:00:00Z", rules: [at("/4")] }),
      webRoute({ name: "a", createdAt: "2026-01-02T00:00:00Z", rules: [at("/3")] }),
    ]);
    const paths = routing.rules.map(({ matches }) => matches[0]?.path.value);
    expect(paths).toEqual(["/2", "/1", "/3", "/4"]);
    expect(routing).toMatchObject({ isThroughGateway: false, isTls: false });
  });

  it.each([
    ["any host", undefined, undefined, []],
    ["the listener's", "*.example.com", undefined, ["*.example.com"]],
    [
      "what both share, in lower case",
      "*.example.com",
      ["A.example.com", "b.other.com"],
      ["a.example.com"],
    ],
  ])("have the host names: %s", (_what, hostname, hostnames, expected) => {
    const route = webRoute(hostnames === undefined ? {} : { hostnames });
    const listener = onlyListener(look([webGateway(hostname), ...web("web"), route]));
    expect(listener.http?.rules.map((rule) => rule.hostnames)).toEqual([expected]);
  });

  it("of one route that is too large for the listener take no room from newer routes", () => {
    const headers = Array.from({ length: 8 }, (_, i) => ({
      name: `x-${i}`,
      value: "v".repeat(4_096),
    }));
    const huge = {
      backendRefs: [to("web")],
      matches: Array.from({ length: 20 }, () => ({ headers })),
    };
    const seen = lookAtWeb([
      webRoute({ name: "huge", createdAt: "2026-01-01T00:00:00Z", rules: [huge] }),
      webRoute({ name: "small", createdAt: "2026-01-02T00:00:00Z" }),
    ]);
    expect(routesIn(seen)).toEqual(["HTTPRoute shop/small"]);
    expect(seen.snapshot.problems).toEqual([
      { where: "HTTPRoute shop/huge", reason: expect.stringContaining("as many rules as it can") },
    ]);
  });

  it("of refused and excluded routes are not there", () => {
    const seen = lookAtWeb([
      webRoute({ name: "first", createdAt: "2026-01-01T00:00:00Z" }),
      webRoute({ name: "late", kind: "GRPCRoute", createdAt: "2026-01-02T00:00:00Z" }),
      webRoute({ name: "odd", rules: [{ matches: [{ path: { type: "Odd", value: "/" } }] }] }),
    ]);
    expect(routesIn(seen)).toEqual(["HTTPRoute shop/first"]);
  });

  it.each([
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1s500ms", 1_500],
    ["0s", null],
    ["99999h", null],
    [undefined, null],
  ])("have the timeouts of the route: %s = %s", (text, ms) => {
    expect(ruleOf({ timeouts: { request: text } })).toMatchObject({
      requestTimeoutMs: ms,
      backendTimeoutMs: null,
    });
    expect(ruleOf({ timeouts: { backendRequest: text } }).backendTimeoutMs).toBe(ms);
  });

  it.each([["5"], ["1.5s"], ["-1s"], ["1d"]])("cannot be read with a timeout of %s", (request) => {
    expect(() => ruleOf({ timeouts: { request } })).toThrow("timeouts.request");
  });

  it("tell what of them is not read", () => {
    const rules = [{ backendRefs: [to("web")], retry: { attempts: 3 }, sessionPersistence: {} }];
    const [route] = lookAtWeb([webRoute({ rules })]).listener.routes;
    expect(route?.accepted).toBe(true);
    for (const word of ["retry", "sessionPersistence"]) expect(route?.message).toContain(word);
  });

  it("that redirect need no backend", () => {
    const filters = [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }];
    const seen = lookAtWeb([webRoute({ rules: [{ filters }] })]);
    expect(seen.listener).toMatchObject({ problem: null, routes: [{ accepted: true }] });
    expect(seen.routing.rules).toMatchObject([{ backends: [] }]);
    expect(seen.snapshot.targets.get(WEB_KEY)).toEqual([]);
    const both = lookAtWeb([webRoute({ rules: [{ filters }, { backendRefs: [to("gone")] }] })]);
    expect(both.listener).toMatchObject({ problem: null, routes: [{ accepted: true }] });
  });

  it("beyond the bound of a listener are left out, those of the newest route, with a problem", () => {
    const rules = Array.from({ length: HTTP_ROUTING_LIMITS.rules }, () => ({}));
    const first = { backendRefs: [to("web")] };
    const fits = lookAtWeb([webRoute({ rules: [first, ...rules.slice(1)] })]);
    expect(fits.routing.rules).toHaveLength(HTTP_ROUTING_LIMITS.rules);
    expect(fits.snapshot.problems).toEqual([]);
    const over = lookAtWeb([
      webRoute({ name: "a", rules: [first, ...rules.slice(1)] }),
      webRoute({ name: "b", rules: [{}, {}] }),
    ]);
    expect(over.routing.rules).toHaveLength(HTTP_ROUTING_LIMITS.rules);
    expect(over.snapshot.problems).toMatchObject([{ where: "HTTPRoute shop/b" }]);
  });

  it("too large all together are left out, however few they are", () => {
    const value = "v".repeat(HTTP_ROUTING_LIMITS.value);
    const headers = Array.from({ length: 16 }, (_none, n) => ({ name: `h${n}`, value }));
    const rule = { backendRefs: [to("web")], matches: [{ headers }] };
    const { routing, snapshot } = lookAtWeb([webRoute({ rules: Array(10).fill(rule) })]);
    expect(JSON.stringify(routing).length).toBeLessThan(550_000);
    expect(routing.rules.length).toBeGreaterThan(0);
    expect(snapshot.problems).toHaveLength(1);
  });

  it.each([
    ["matches", { matches: Array(HTTP_ROUTING_LIMITS.matches + 1).fill({}) }],
    ["backends", { backendRefs: Array(HTTP_ROUTING_LIMITS.backends + 1).fill(to("web")) }],
    [
      "filters",
      {
        filters: Array(HTTP_ROUTING_LIMITS.filters + 1).fill({ type: "ExtensionRef" }),
      },
    ],
    [
      "a header name that is none",
      {
        filters: [
          {
            type: "RequestHeaderModifier",
            requestHeaderModifier: { set: [{ name: "a b", value: "" }] },
          },
        ],
      },
    ],
  ])("one by one are left out for %s, with a problem", (_what, excess) => {
    const rule = { backendRefs: [to("web")] };
    const { routing, snapshot } = lookAtWeb([webRoute({ rules: [{ ...rule, ...excess }, rule] })]);
    expect(routing.rules).toHaveLength(1);
    expect(snapshot.problems).toMatchObject([{ where: "HTTPRoute shop/web" }]);
  });
});

describe("backends of a rule", () => {
  it("have weight and state", () => {
    const backendRefs = [to("web", { weight: 3 }), to("idle"), to("off", { weight: 0 })];
    const idle = [...web("idle").slice(0, 1), slice({ service: "idle", endpoints: [] })];
    const { routing } = lookAtWeb([webRoute({ rules: [{ backendRefs }] }), ...idle, ...web("off")]);
    expect(routing.rules[0]?.backends).toMatchObject([
      { namespace: "shop", name: "web", port: 80, weight: 3, ready: true, isInvalid: false },
      { name: "idle", weight: 1, ready: false, isInvalid: false },
      { name: "off", weight: 0, ready: true, isInvalid: false },
    ]);
  });

  it.each([
    ["a Service that is not there", to("gone")],
    ["a Service that may not be used", to("web", { namespace: "data" })],
    ["something else than a Service", { name: "x", kind: "Bucket", group: "example.com", port: 1 }],
    ["no port", { name: "web" }],
  ])("keep the share of a wrong reference: %s", (_what, ref) => {
    const { routing, listener } = lookAtWeb([
      webRoute({ rules: [{ backendRefs: [to("web"), { ...ref, weight: 9 }] }] }),
    ]);
    expect(routing.rules[0]?.backends).toMatchObject([
      { isInvalid: false },
      { isInvalid: true, ready: false, weight: 9, name: (ref as { name: string }).name },
    ]);
    expect(listener.problem).toBeNull();
  });

  it("stay wrong beside another route that serves, so that nobody else answers for them", () => {
    const seen = lookAtWeb([
      webRoute(),
      webRoute({ name: "broken", rules: [{ backendRefs: [to("gone")] }] }),
    ]);
    expect(routesIn(seen)).toEqual(["HTTPRoute shop/broken", "HTTPRoute shop/web"]);
    expect(seen.routing.rules[0]?.backends).toMatchObject([{ isInvalid: true }]);
  });

  it.each([
    ["HTTPRoute", undefined, "http1"],
    ["HTTPRoute", "http", "http1"],
    ["HTTPRoute", "kubernetes.io/ws", "http1"],
    ["HTTPRoute", "kubernetes.io/h2c", "h2c"],
    ["HTTPRoute", "H2C", "h2c"],
    ["HTTPRoute", "http2", "h2c"],
    ["HTTPRoute", "grpc", "h2c"],
    ["GRPCRoute", undefined, "h2c"],
    ["GRPCRoute", "http", "h2c"],
  ] as const)("of a %s are spoken to as the port says: %s = %s", (kind, appProtocol, expected) => {
    const objects = web("api", appProtocol === undefined ? {} : { appProtocol });
    const { routing } = lookAtWeb([
      webRoute({ kind, rules: [{ backendRefs: [to("api")] }] }),
      ...objects,
    ]);
    expect(routing.rules[0]?.backends[0]?.protocol).toBe(expected);
  });

  it.each([["https"], ["wss"], ["tls"], ["kubernetes.io/wss"]])(
    "are wrong where TLS would be needed: %s",
    (appProtocol) => {
      const { routing, listener } = lookAtWeb([
        webRoute({ rules: [{ backendRefs: [to("safe"), to("web")] }] }),
        ...web("safe", { appProtocol }),
      ]);
      expect(routing.rules[0]?.backends).toMatchObject([{ isInvalid: true }, { isInvalid: false }]);
      expect(listener.routes[0]?.message).toContain("TLS");
    },
  );

  it("are spoken to as a lonely EndpointSlice says, in a folder", () => {
    const alone = slice({ service: "alone", ports: [{ port: 80, appProtocol: "h2c" }] });
    const { routing } = lookAtWeb([webRoute({ rules: [{ backendRefs: [to("alone")] }] }), alone], {
      isLenient: true,
    });
    expect(routing.rules[0]?.backends[0]).toMatchObject({ protocol: "h2c", ready: true });
  });
});

describe("a listener that the Gateway serves itself", () => {
  const programmed = (protocol: string): object => {
    const listeners = [{ name: "web", port: 80, protocol }];
    const status = {
      addresses: [{ value: "192.0.2.1" }],
      conditions: [{ type: "Programmed", status: "True" }],
    };
    return { ...gateway({ listeners }), status };
  };

  it.each([
    ["HTTP", false],
    ["HTTPS", true],
  ])("passes requests of %s on by host name alone", (protocol, isTls) => {
    const rules = [
      { matches: [{ path: { type: "Odd", value: "/" } }], backendRefs: [to("safe")] },
      { filters: [{ type: "CORS" }] },
    ];
    const snapshot = look([
      programmed(protocol),
      webRoute({ hostnames: ["a.example.com"], rules }),
      ...web("safe", { appProtocol: "https" }),
    ]);
    const listener = onlyListener(snapshot);
    expect(listener).toMatchObject({ problem: null, routes: [{ accepted: true, message: "" }] });
    expect(listener.http).toMatchObject({
      isThroughGateway: true,
      isTls,
      rules: [{ hostnames: ["a.example.com"], filters: [], backends: [] }],
    });
    expect(snapshot.targets.get(WEB_KEY)).toMatchObject([{ addresses: [{ host: "192.0.2.1" }] }]);
  });

  it("is published for a route that only redirects", () => {
    const filters = [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }];
    const snapshot = look([programmed("HTTP"), webRoute({ rules: [{ filters }] })]);
    expect(onlyListener(snapshot).problem).toBeNull();
  });
});

it("says nothing of HTTP for other listeners", () => {
  const listeners = [{ name: "db", port: 5432, protocol: "TCP" }];
  expect(onlyListener(look([gateway({ listeners })])).http).toBeUndefined();
});
