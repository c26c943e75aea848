import { describe, expect, it } from "vitest";
import { ruleOf, verdictOf } from "./testing/web.ts";

const prefix = (value: string) => ({ type: "PathPrefix", value });
const exact = (value: string) => ({ type: "Exact", value });
const pattern = (value: string) => ({ type: "RegularExpression", value });

describe("matches of an HTTPRoute", () => {
  it.each([
    ["none at all", {}, prefix("/")],
    ["an empty list", { matches: [] }, prefix("/")],
    ["null", { matches: null }, prefix("/")],
    ["no path", { matches: [{ method: "GET" }] }, prefix("/")],
    ["a path without a type", { matches: [{ path: { value: "/a" } }] }, prefix("/a")],
    ["an exact path", { matches: [{ path: exact("/a/") }] }, exact("/a/")],
    ["a pattern", { matches: [{ path: pattern("/v\\d+/.*") }] }, pattern("/v\\d+/.*")],
  ])("with %s", (_what, rule, path) => {
    expect(ruleOf(rule).matches.map((match) => match.path)).toEqual([path]);
  });

  it("keep method, headers and query parameters, each in its case", () => {
    const matches = [
      {
        method: "POST",
        headers: [{ name: "X-Tenant_id", value: "Blue" }],
        queryParams: [{ type: "RegularExpression", name: "pageSize", value: "\\d+" }],
      },
      { path: prefix("/b") },
    ];
    expect(ruleOf({ matches }).matches).toEqual([
      {
        path: prefix("/"),
        method: "POST",
        headers: [{ type: "Exact", name: "X-Tenant_id", value: "Blue" }],
        query: [{ type: "RegularExpression", name: "pageSize", value: "\\d+" }],
      },
      { path: prefix("/b"), method: null, headers: [], query: [] },
    ]);
  });

  it.each([
    ["path", { path: { type: "Glob", value: "/*" } }],
    ["path without its first slash", { path: { type: "Exact", value: "a" } }],
    ["header", { headers: [{ type: "Prefix", name: "a", value: "b" }] }],
    ["query parameter", { queryParams: [{ type: "Prefix", name: "a", value: "b" }] }],
  ])("with a %s of an unknown type refuse the route, not the listener", (_what, match) => {
    const verdict = verdictOf({ matches: [match] });
    expect(verdict).toMatchObject({ reason: "UnsupportedValue", problemCode: null });
    expect(verdict.problem).toBe(verdict.message);
  });
});

describe("matches of a GRPCRoute", () => {
  it.each([
    ["no match", undefined, prefix("/")],
    ["a match without a method", [{}], prefix("/")],
    ["an empty method", [{ method: { service: "", method: "" } }], prefix("/")],
    ["service and method", [{ method: { service: "a.B", method: "Get" } }], exact("/a.B/Get")],
    ["a service", [{ method: { service: "a.B" } }], prefix("/a.B")],
    ["a method", [{ method: { method: "Get" } }], { type: "GrpcMethod", value: "Get" }],
    [
      "patterns of both",
      [{ method: { type: "RegularExpression", service: "a|b", method: "Get.*" } }],
      pattern("/(a|b)/(Get.*)"),
    ],
    [
      "a pattern of the service",
      [{ method: { type: "RegularExpression", service: "a\\..*" } }],
      pattern("/(a\\..*)/[^/]+"),
    ],
  ])("become paths: %s", (_what, matches, path) => {
    const rule = ruleOf({ matches }, "GRPCRoute");
    expect(rule.matches.map((match) => match.path)).toEqual([path]);
  });

  it("keep their headers", () => {
    const matches = [{ headers: [{ name: "version", value: "2" }] }];
    expect(ruleOf({ matches }, "GRPCRoute").matches[0]?.headers).toEqual([
      { type: "Exact", name: "version", value: "2" },
    ]);
  });

  it("of an unknown type refuse the route", () => {
    const matches = [{ method: { type: "Prefix", service: "a" } }];
    expect(verdictOf({ matches }, "GRPCRoute").reason).toBe("UnsupportedValue");
  });
});
