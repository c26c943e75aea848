import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpFilter, HttpPathChange } from "#protocol/control/http-routing.ts";
import { backendOf, matchOf, redirectOf, ruleOf } from "../testing/http-rule.ts";
import { changePath } from "./change-path.ts";
import { planRequest, type RequestPlan, type RequestTarget } from "./plan-request.ts";

const prefixMatch = (value: string) => matchOf({ path: { type: "PathPrefix", value } });
const replacePrefix = (value: string): HttpPathChange => ({ type: "ReplacePrefixMatch", value });
const replaceFull = (value: string): HttpPathChange => ({ type: "ReplaceFullPath", value });

function targetOf(over: Partial<RequestTarget> = {}): RequestTarget {
  return { scheme: "http", authority: "example.com", path: "/", query: "", ...over };
}

interface PlanOver extends Partial<RequestTarget> {
  readonly prefix?: string;
  readonly ofBackend?: HttpFilter[];
}

function planOf(
  filters: HttpFilter[],
  { prefix = "/", ofBackend, ...target }: PlanOver = {},
): RequestPlan {
  const match = prefixMatch(prefix);
  const rule = ruleOf("it", { matches: [match], filters });
  const backend = ofBackend === undefined ? null : backendOf("b", { filters: ofBackend });
  return planRequest({ rule, match }, backend, targetOf(target));
}

function locationOf(filter: HttpFilter, over: PlanOver = {}): string {
  const plan = planOf([filter], over);
  return plan.kind === "redirect" ? plan.location : plan.kind;
}

function targetAfter(path: HttpPathChange, over: PlanOver = {}): string {
  const plan = planOf([{ type: "rewrite", hostname: null, path }], over);
  return plan.kind === "forward" ? plan.target : plan.kind;
}

describe("replacing a path prefix", () => {
  it.each([
    ["/foo/bar", "/foo", "/xyz", "/xyz/bar"],
    ["/foo/bar", "/foo", "/xyz/", "/xyz/bar"],
    ["/foo/bar", "/foo/", "/xyz", "/xyz/bar"],
    ["/foo/bar", "/foo/", "/xyz/", "/xyz/bar"],
    ["/foo", "/foo", "/xyz", "/xyz"],
    ["/foo/", "/foo", "/xyz", "/xyz/"],
    ["/foo/bar", "/foo", "", "/bar"],
    ["/foo/", "/foo", "", "/"],
    ["/foo", "/foo", "", "/"],
    ["/foo/", "/foo", "/", "/"],
    ["/foo", "/foo", "/", "/"],
    ["/prefix/one/two", "/prefix/one", "/one", "/one/two"],
    ["/anything", "/", "/new", "/new/anything"],
    ["/foo/a%2Fb", "/foo", "/x", "/x/a%2Fb"],
    ["/foo/bar", "/foo", "x y?z#é", "/x%20y%3Fz%23%C3%A9/bar"],
  ])("%s with %s replaced by %j becomes %s", (path, prefix, value, expected) => {
    expect(targetAfter(replacePrefix(value), { path, prefix })).toBe(expected);
  });

  it("keeps what follows the prefix, whatever the slashes", () => {
    const segment = fc.stringMatching(/^[a-z%]{1,4}$/);
    const path = fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
    const slash = fc.constantFrom("", "/");
    fc.assert(
      fc.property(path, path, fc.array(segment), slash, (prefix, value, rest, end) => {
        const asked = [prefix === "/" ? "" : prefix, ...rest].join("/") || "/";
        const result = changePath(replacePrefix(value + end), prefixMatch(prefix), asked);
        const expected = [value === "/" ? "" : value, ...rest].join("/");
        if (rest.length > 0 && end !== "/") expect(result).toBe(expected);
        expect(result?.startsWith("/")).toBe(true);
        if (rest.length > 0) expect(result?.endsWith(rest.join("/"))).toBe(true);
      }),
    );
  });

  it("is refused where the match names no prefix", () => {
    const match = matchOf({ path: { type: "Exact", value: "/foo" } });
    const filters: HttpFilter[] = [{ type: "rewrite", hostname: null, path: replacePrefix("/x") }];
    const plan = planRequest({ rule: ruleOf("it", { filters }), match }, null, targetOf());
    expect(plan).toMatchObject({ kind: "invalid", reason: expect.stringContaining("prefix") });
  });
});

describe("rewriting", () => {
  it("replaces the whole path and keeps the query", () => {
    expect(targetAfter(replaceFull("/one"), { path: "/full/one/two", query: "a=1" })).toBe(
      "/one?a=1",
    );
    expect(targetAfter(replaceFull(""), { path: "/x" })).toBe("/");
    expect(targetAfter(replaceFull("/a\r\nb c"), { path: "/x" })).toBe("/a%0D%0Ab%20c");
  });

  it("gives the backend another host, and else leaves the client's", () => {
    const filter: HttpFilter = { type: "rewrite", hostname: "one.example.org", path: null };
    expect(planOf([filter], { path: "/one" })).toMatchObject({
      kind: "forward",
      target: "/one",
      authority: "one.example.org",
    });
    expect(planOf([])).toMatchObject({ kind: "forward", target: "/", authority: null });
  });

  it("takes a backend's rewrite in place of the rule's, both worked out from what was asked", () => {
    const ofRule: HttpFilter = { type: "rewrite", hostname: "a.test", path: replacePrefix("/a") };
    const ofBackend: HttpFilter[] = [
      { type: "rewrite", hostname: null, path: replacePrefix("/b") },
    ];
    expect(planOf([ofRule], { ofBackend, prefix: "/x", path: "/x/y" })).toMatchObject({
      target: "/b/y",
      authority: "a.test",
    });
  });
});

describe("redirecting", () => {
  it.each<[Parameters<typeof redirectOf>[0], PlanOver, string]>([
    [{ hostname: "example.org" }, { path: "/a", query: "b=1" }, "http://example.org/a?b=1"],
    [
      { path: replacePrefix("/replacement-prefix") },
      { prefix: "/original-prefix", path: "/original-prefix/lemon" },
      "http://example.com/replacement-prefix/lemon",
    ],
    [{ path: replaceFull("/new") }, { path: "/full/path" }, "http://example.com/new"],
    [{ hostname: "x.test" }, { authority: "[::1]:8080" }, "http://x.test:8080/"],
    [{ scheme: "https" }, { authority: "[::1]:8080" }, "https://[::1]/"],
    [{}, { authority: "Example.COM." }, "http://example.com/"],
  ])("%j of %j leads to %s", (over, target, expected) => {
    expect(locationOf(redirectOf(over), target)).toBe(expected);
  });

  // Scheme and port of the redirect, scheme and port that were asked, and what stands in Location.
  it.each<["http" | "https" | null, number | null, "http" | "https", number | null, string]>([
    [null, null, "http", null, "http://example.org"],
    [null, 80, "http", null, "http://example.org"],
    [null, 8080, "http", null, "http://example.org:8080"],
    ["https", null, "http", null, "https://example.org"],
    ["https", 443, "http", null, "https://example.org"],
    ["https", 8443, "http", null, "https://example.org:8443"],
    [null, null, "http", 8080, "http://example.org:8080"],
    [null, 80, "http", 8080, "http://example.org"],
    ["https", null, "http", 8080, "https://example.org"],
    [null, null, "https", null, "https://example.org"],
    [null, 443, "https", null, "https://example.org"],
    [null, 8443, "https", null, "https://example.org:8443"],
    ["http", null, "https", null, "http://example.org"],
    ["http", 80, "https", null, "http://example.org"],
    ["http", 8080, "https", null, "http://example.org:8080"],
    [null, 443, "http", null, "http://example.org:443"],
    [null, null, "http", 80, "http://example.org"],
  ])("scheme %s and port %s, asked by %s on port %s: %s", (...row) => {
    const [scheme, port, asked, on, expected] = row;
    const authority = on === null ? "example.com" : `example.com:${on}`;
    const filter = redirectOf({ scheme, port, hostname: "example.org" });
    expect(locationOf(filter, { scheme: asked, authority, path: "/p" })).toBe(`${expected}/p`);
  });

  it.each([301, 302, 303, 307, 308] as const)("answers with status %i", (statusCode) => {
    expect(planOf([redirectOf({ statusCode })])).toMatchObject({ status: statusCode });
  });

  it("ends the matter wherever it stands, a backend's too, and changes the answer's headers", () => {
    const change = { set: [{ name: "X-A", value: "1" }], add: [], remove: [] };
    const headers: HttpFilter = { type: "response_headers", change };
    const rewrite: HttpFilter = { type: "rewrite", hostname: "x", path: replaceFull("/x") };
    const plan = planOf([rewrite, headers], {
      path: "/prefix/original",
      prefix: "/prefix",
      ofBackend: [redirectOf({ path: replacePrefix("/redirected-prefix") })],
    });
    expect(plan).toEqual({
      kind: "redirect",
      status: 302,
      location: "http://example.com/redirected-prefix/original",
      responseChanges: [change],
    });
  });

  it("is refused where the host is malformed", () => {
    expect(planOf([redirectOf()], { authority: "a b" })).toMatchObject({ kind: "invalid" });
  });
});

describe("the rest of a plan", () => {
  it("holds the header changes of the rule, and then those of the backend", () => {
    const changeOf = (name: string) => ({ set: [{ name, value: "1" }], add: [], remove: [] });
    const [a, b, c, d] = ["a", "b", "c", "d"].map(changeOf) as [never, never, never, never];
    const plan = planOf(
      [
        { type: "request_headers", change: a },
        { type: "response_headers", change: b },
      ],
      {
        ofBackend: [
          { type: "request_headers", change: c },
          { type: "response_headers", change: d },
        ],
      },
    );
    expect(plan).toMatchObject({ requestChanges: [a, c], responseChanges: [b, d] });
  });

  it("holds every mirror with its share of the requests", () => {
    const { namespace, name, port, protocol } = backendOf("copy");
    const backend = { namespace, name, port, protocol };
    const mirror = (numerator: number, denominator: number): HttpFilter => {
      return { type: "mirror", backend, numerator, denominator };
    };
    expect(planOf([mirror(1, 4), mirror(100, 100), mirror(3, 2)])).toMatchObject({
      mirrors: [
        { backend, share: 0.25 },
        { backend, share: 1 },
        { backend, share: 1 },
      ],
    });
  });

  it("is refused where a filter is not carried out here, even beside a redirect", () => {
    const filters: HttpFilter[] = [redirectOf(), { type: "unsupported", name: "ExtensionRef" }];
    expect(planOf(filters)).toEqual({
      kind: "invalid",
      reason: "filter ExtensionRef is not carried out here",
    });
  });
});
