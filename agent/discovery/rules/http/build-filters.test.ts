import { describe, expect, it } from "vitest";
import { grant } from "../testing/objects.ts";
import { lookAtWeb, ruleOf, to, verdictOf, web, WEB_KEY, webRoute } from "./testing/web.ts";

const filters = (...list: readonly object[]) => ({ filters: list });
const redirect = (content: object = {}) => ({ type: "RequestRedirect", requestRedirect: content });
const rewrite = (content: object = {}) => ({ type: "URLRewrite", urlRewrite: content });
const mirror = (content: object) => ({ type: "RequestMirror", requestMirror: content });

describe("filters", () => {
  it("change headers, the first of equal names only, in the order of the route", () => {
    const set = [
      { name: "X-One", value: "1" },
      { name: "x-one", value: "2" },
    ];
    const rule = ruleOf(
      filters(
        { type: "ResponseHeaderModifier", responseHeaderModifier: { remove: ["Server"] } },
        { type: "RequestHeaderModifier", requestHeaderModifier: { set, add: null } },
      ),
    );
    expect(rule.filters).toEqual([
      { type: "response_headers", change: { set: [], add: [], remove: ["Server"] } },
      {
        type: "request_headers",
        change: { set: [{ name: "X-One", value: "1" }], add: [], remove: [] },
      },
    ]);
  });

  it.each([
    [
      "nothing said",
      redirect(),
      { scheme: null, hostname: null, path: null, port: null, statusCode: 302 },
    ],
    [
      "everything said",
      redirect({
        scheme: "https",
        hostname: "Shop.example.com",
        path: { type: "ReplaceFullPath", replaceFullPath: "/new" },
        port: 8443,
        statusCode: 308,
      }),
      {
        scheme: "https",
        hostname: "shop.example.com",
        path: { type: "ReplaceFullPath", value: "/new" },
        port: 8443,
        statusCode: 308,
      },
    ],
  ])("redirect with %s", (_what, filter, expected) => {
    expect(ruleOf(filters(filter)).filters).toEqual([{ type: "redirect", ...expected }]);
  });

  it("rewrite host and prefix; an empty replacement takes the prefix away", () => {
    const path = { type: "ReplacePrefixMatch", replacePrefixMatch: "" };
    const rule = ruleOf(filters(rewrite({ hostname: "inner.example.com", path })));
    expect(rule.filters).toEqual([
      {
        type: "rewrite",
        hostname: "inner.example.com",
        path: { type: "ReplacePrefixMatch", value: "" },
      },
    ]);
  });

  it.each([["ExtensionRef"], ["CORS"], ["ExternalAuth"], ["SomethingNewer"]])(
    "of the type %s stay in place and are told",
    (type) => {
      const rule = filters({ type, extensionRef: { kind: "X" }, cors: { maxAge: 5 } });
      expect(ruleOf(rule).filters).toEqual([{ type: "unsupported", name: type }]);
      expect(verdictOf(rule)).toMatchObject({ reason: "Accepted", problem: null });
      expect(verdictOf(rule).message).toContain(type);
    },
  );

  it.each([
    ["RequestRedirect and URLRewrite", [redirect(), rewrite()], "IncompatibleFilters"],
    ["two redirects", [redirect(), redirect()], "IncompatibleFilters"],
    ["a redirect of an unknown code", [redirect({ statusCode: 418 })], "UnsupportedValue"],
    ["a redirect of an unknown scheme", [redirect({ scheme: "ftp" })], "UnsupportedValue"],
    ["a path change of an unknown type", [rewrite({ path: { type: "X" } })], "UnsupportedValue"],
    ["a filter without content", [{ type: "URLRewrite" }], "UnsupportedValue"],
  ])("refuse the route with %s", (_what, list, reason) => {
    expect(verdictOf(filters(...list)).reason).toBe(reason);
  });

  it.each([
    ["Exact", "UnsupportedValue"],
    ["RegularExpression", "UnsupportedValue"],
    ["PathPrefix", "Accepted"],
  ])("replace a prefix in a rule that matches by %s: %s", (type, reason) => {
    const path = { type: "ReplacePrefixMatch", replacePrefixMatch: "/b" };
    const matches = [{ path: { type, value: "/a" } }];
    expect(verdictOf({ matches, ...filters(rewrite({ path })) }).reason).toBe(reason);
    const ofBackend = [to("web", filters(rewrite({ path })))];
    expect(verdictOf({ matches, backendRefs: ofBackend }).reason).toBe(reason);
  });

  it("of a backend are its own", () => {
    const change = { set: [{ name: "to", value: "web" }] };
    const filter = { type: "RequestHeaderModifier", requestHeaderModifier: change };
    const rule = ruleOf({ backendRefs: [to("web", { filters: [filter] })] });
    expect(rule.filters).toEqual([]);
    expect(rule.backends[0]?.filters).toEqual([
      { type: "request_headers", change: { ...change, add: [], remove: [] } },
    ]);
  });
});

describe("mirrors", () => {
  const lookAtMirror = (content: object, objects: readonly object[] = []) =>
    lookAtWeb([
      webRoute({ rules: [{ backendRefs: [to("web")], ...filters(mirror(content)) }] }),
      ...objects,
    ]);

  it.each([
    ["everything", {}, 100, 100],
    ["a percentage", { percent: 0 }, 0, 100],
    ["a fraction", { fraction: { numerator: 1, denominator: 1_000 } }, 1, 1_000],
    ["a fraction of a hundred", { fraction: { numerator: 5 } }, 5, 100],
  ])("copy %s", (_what, share, numerator, denominator) => {
    const { routing } = lookAtMirror({ backendRef: to("copy"), ...share }, web("copy"));
    const backend = { namespace: "shop", name: "copy", port: 80, protocol: "http1" };
    expect(routing.rules[0]?.filters).toEqual([
      { type: "mirror", backend, numerator, denominator },
    ]);
  });

  it("may be dialled, and are no backend that requests are answered by", () => {
    const { snapshot, listener } = lookAtMirror({ backendRef: to("copy") }, web("copy"));
    expect(listener.backends.map(({ name }) => name)).toEqual(["web"]);
    expect(snapshot.targets.get(WEB_KEY)).toMatchObject([
      { name: "web", weight: 1 },
      { name: "copy", weight: 0, ready: true },
    ]);
  });

  it("that are a backend as well are one target with its weight", () => {
    const { snapshot } = lookAtMirror({ backendRef: to("web") });
    expect(snapshot.targets.get(WEB_KEY)).toMatchObject([{ name: "web", weight: 1 }]);
  });

  it.each([
    ["to a Service that is not there", { backendRef: to("gone") }],
    ["into another namespace without a grant", { backendRef: to("copy", { namespace: "data" }) }],
  ])("%s are left out and told, and the rule serves", (_what, content) => {
    const { routing, listener, snapshot } = lookAtMirror(content, [
      ...web("copy", { namespace: "data" }),
    ]);
    expect(routing.rules[0]?.filters).toEqual([]);
    expect(listener).toMatchObject({ problem: null, routes: [{ accepted: true }] });
    expect(listener.routes[0]?.message).not.toBe("");
    expect(snapshot.targets.get(WEB_KEY)).toHaveLength(1);
  });

  it("into another namespace need a grant", () => {
    const { routing } = lookAtMirror({ backendRef: to("copy", { namespace: "data" }) }, [
      ...web("copy", { namespace: "data" }),
      grant({ from: { kind: "HTTPRoute" } }),
    ]);
    expect(routing.rules[0]?.filters).toMatchObject([{ backend: { namespace: "data" } }]);
  });
});
