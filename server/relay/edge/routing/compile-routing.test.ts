import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRule, HttpValueMatch } from "#protocol/control/http-routing.ts";
import { factsOf, matchOf, type RequestOver, routingOf, ruleOf } from "../testing/http-rule.ts";
import { compileRouting } from "./compile-routing.ts";

const exact = (value: string) => ({ path: { type: "Exact", value } }) as const;
const prefix = (value: string) => ({ path: { type: "PathPrefix", value } }) as const;
const pattern = (value: string) => ({ path: { type: "RegularExpression", value } }) as const;
const grpcMethod = (value: string) => ({ path: { type: "GrpcMethod", value } }) as const;
const is = (name: string, value: string): HttpValueMatch => ({ type: "Exact", name, value });
const like = (name: string, value: string): HttpValueMatch => {
  return { type: "RegularExpression", name, value };
};

function find(rules: HttpRule[], request: RequestOver): string | null {
  return compileRouting(routingOf(rules)).find(factsOf(request))?.rule.route ?? null;
}

describe("path matches", () => {
  it.each([
    ["/", "/", true],
    ["/", "/any/thing", true],
    ["/v2", "/v2", true],
    ["/v2", "/v2/", true],
    ["/v2", "/v2/example", true],
    ["/v2", "/v2example", false],
    ["/v2", "/foo/v2/example", false],
    ["/v2/", "/v2", true],
    ["/v2/", "/v2/example", true],
    ["/V2", "/v2", false],
  ])("prefix %s against %s: %s", (value, path, expected) => {
    const rules = [ruleOf("it", { matches: [matchOf(prefix(value))] })];
    expect(find(rules, { path }) === "it").toBe(expected);
  });

  it.each([
    ["/one", "/one", true],
    ["/two", "/two/", false],
    ["/one", "/one/example", false],
    ["/two", "/Two", false],
  ])("exact %s against %s: %s", (value, path, expected) => {
    const rules = [ruleOf("it", { matches: [matchOf(exact(value))] })];
    expect(find(rules, { path }) === "it").toBe(expected);
  });

  it.each([
    ["/users/[0-9]+", "/users/7", true],
    ["/users/[0-9]+", "/users/7/orders", false],
    ["/users/[0-9]+", "/all/users/7", false],
    ["(?i)/users", "/USERS", true],
    ["/a|/b", "/b", true],
  ])("regular expression %s, which must cover the whole of %s: %s", (value, path, expected) => {
    const rules = [ruleOf("it", { matches: [matchOf(pattern(value))] })];
    expect(find(rules, { path }) === "it").toBe(expected);
  });

  it.each([
    ["Get", "/shop.Orders/Get", true],
    ["Get", "/shop.Orders/get", false],
    ["Get", "/shop.Orders/GetAll", false],
    ["Get", "/shop/Orders/Get", false],
    ["Get", "//Get", false],
    ["Get", "/Get", false],
    ["", "/shop.Orders", false],
  ])("method %s of any service against %s: %s", (value, path, expected) => {
    const rules = [ruleOf("it", { matches: [matchOf(grpcMethod(value))] })];
    expect(find(rules, { path }) === "it").toBe(expected);
  });
});

describe("header, query and method matches", () => {
  const rules = [
    ruleOf("both", { matches: [matchOf({ headers: [is("Version", "two"), is("color", "red")] })] }),
    ruleOf("one header", { matches: [matchOf({ headers: [is("version", "two")] })] }),
    ruleOf("query", { matches: [matchOf({ query: [is("animal", "whale shark")] })] }),
    ruleOf("upper query", { matches: [matchOf({ query: [is("ANIMAL", "Whale")] })] }),
    ruleOf("method", { matches: [matchOf({ method: "PATCH" })] }),
    ruleOf("either", {
      matches: [matchOf({ headers: [like("color", "gr(e|a)y")] }), matchOf(exact("/grey"))],
    }),
  ];

  it.each<[RequestOver, string | null]>([
    [{ headers: { version: "two", color: "red" } }, "both"],
    [{ headers: { version: "two" } }, "one header"],
    [{ headers: { color: "red" } }, null],
    [{ query: "animal=whale+shark" }, "query"],
    [{ query: "x=1&animal=whale%20shark&animal=cat" }, "query"],
    [{ query: "animal=cat&animal=whale%20shark" }, null],
    [{ query: "animal=whale%20sharks" }, null],
    [{ query: "ANIMAL=Whale" }, "upper query"],
    [{ query: "ANIMAL=whale" }, null],
    [{ method: "PATCH" }, "method"],
    [{ method: "patch" }, null],
    [{ headers: { color: "gray" } }, "either"],
    [{ headers: { color: "grayish" } }, null],
    [{ path: "/grey" }, "either"],
    [{}, null],
  ])("%j leads to %s", (request, expected) => {
    expect(find(rules, request)).toBe(expected);
  });

  it("takes the first of several conditions on one name, and ignores the rest", () => {
    const twice = [is("version", "one"), is("Version", "two")];
    const one = [ruleOf("it", { matches: [matchOf({ headers: twice })] })];
    expect(find(one, { headers: { version: "one" } })).toBe("it");
    expect(find(one, { headers: { version: "two" } })).toBeNull();
  });
});

describe("precedence", () => {
  const named = (route: string, over: Parameters<typeof matchOf>[0], hostnames: string[] = []) =>
    ruleOf(route, { hostnames, matches: [matchOf(over)] });

  // Each row: what must win, and what must lose although it stands first.
  it.each<[string, HttpRule, HttpRule, RequestOver]>([
    [
      "an exact host name beats a wildcard with an exact path",
      named("wins", prefix("/"), ["a.example.com"]),
      named("loses", exact("/x"), ["*.example.com"]),
      { host: "a.example.com", path: "/x" },
    ],
    [
      "a longer wildcard beats a shorter one",
      named("wins", prefix("/"), ["*.b.example.com"]),
      named("loses", exact("/x"), ["*.example.com"]),
      { host: "a.b.example.com", path: "/x" },
    ],
    [
      "a wildcard beats no host name",
      named("wins", prefix("/"), ["*.example.com"]),
      named("loses", exact("/x")),
      { host: "a.example.com", path: "/x" },
    ],
    [
      "an exact path beats a longer prefix and headers",
      named("wins", exact("/match")),
      named("loses", { ...prefix("/match/"), method: "GET", headers: [is("a", "1")] }),
      { path: "/match", headers: { a: "1" } },
    ],
    [
      "a regular expression beats a prefix",
      named("wins", pattern("/a/.")),
      named("loses", prefix("/a/b")),
      { path: "/a/b" },
    ],
    [
      "a longer regular expression beats a shorter one",
      named("wins", pattern("/a/[a-z]")),
      named("loses", pattern("/a/.")),
      { path: "/a/b" },
    ],
    [
      "a longer prefix beats a method",
      named("wins", prefix("/path5")),
      named("loses", { method: "PATCH" }),
      { path: "/path5", method: "PATCH" },
    ],
    [
      "a service of gRPC beats a method of any service",
      named("wins", prefix("/s")),
      named("loses", { ...grpcMethod("Get"), headers: [is("a", "1")] }),
      { path: "/s/Get", headers: { a: "1" } },
    ],
    [
      "a method of any service beats headers",
      named("wins", grpcMethod("Get")),
      named("loses", { headers: [is("a", "1")] }),
      { path: "/shop.Orders/Get", headers: { a: "1" } },
    ],
    [
      "a method beats headers",
      named("wins", { method: "PATCH" }),
      named("loses", { headers: [is("a", "1"), is("b", "2")] }),
      { method: "PATCH", headers: { a: "1", b: "2" } },
    ],
    [
      "a header beats query parameters",
      named("wins", { headers: [is("version", "four")] }),
      named("loses", { query: [is("animal", "hydra"), is("b", "2")] }),
      { headers: { version: "four" }, query: "animal=hydra&b=2" },
    ],
    [
      "more query parameters beat fewer",
      named("wins", { query: [is("a", "1"), is("b", "2")] }),
      named("loses", { query: [is("a", "1")] }),
      { query: "a=1&b=2" },
    ],
  ])("%s", (_, winner, loser, request) => {
    expect(find([loser, winner], request)).toBe("wins");
    expect(find([winner, loser], request)).toBe("wins");
  });

  it("leaves equals in the order of the rules and of their matches", () => {
    const rules = [named("first", {}), named("second", {})];
    expect(find(rules, {})).toBe("first");
    const matches = [matchOf({ method: "GET" }), matchOf({ method: "GET" })];
    const found = compileRouting(routingOf([ruleOf("it", { matches })])).find(factsOf());
    expect(found?.match).toBe(matches[0]);
  });

  it("falls back to rules of less particular host names when the best have no match", () => {
    const rules = [named("host", exact("/x"), ["a.example.com"]), named("any", prefix("/"))];
    expect(find(rules, { host: "a.example.com", path: "/y" })).toBe("any");
  });

  it("asks no rule of other hosts, and each rule when the tunnel's own name was used", () => {
    const rules = [named("a", prefix("/"), ["a.test"]), named("b", exact("/b"), ["*.b.test"])];
    expect(find(rules, { host: "b.test", path: "/b" })).toBeNull();
    expect(find(rules, { host: "x.b.test", path: "/b" })).toBe("b");
    expect(find(rules, { host: null, path: "/b" })).toBe("b");
    expect(find(rules, { host: null, path: "/" })).toBe("a");
  });

  it("finds for every request what looking at all rules one by one would", () => {
    const values = fc.constantFrom("/", "/a", "/a/b", "/ab");
    const condition = fc.constantFrom(is("x", "1"), is("y", "1"));
    const match = fc.record({
      path: fc.record({
        type: fc.constantFrom("Exact" as const, "PathPrefix" as const),
        value: values,
      }),
      method: fc.constantFrom(null, "GET", "POST"),
      headers: fc.uniqueArray(condition, { selector: ({ name }) => name }),
      query: fc.uniqueArray(condition, { selector: ({ name }) => name }),
    });
    const hosts = fc.constantFrom("a.b.test", "*.b.test", "*.test", "b.test");
    const rule = fc.record({
      matches: fc.array(match, { minLength: 1, maxLength: 3 }),
      hostnames: fc.uniqueArray(hosts, { maxLength: 2 }),
    });
    const request = fc.record({
      path: values,
      method: fc.constantFrom("GET", "POST"),
      host: fc.constantFrom("a.b.test", "b.test", "c.test", "elsewhere"),
      headers: fc.constantFrom({}, { x: "1" }, { x: "1", y: "1" }),
      query: fc.constantFrom("", "x=1", "y=1&x=1"),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), request, (overs, asked) => {
        const rules = overs.map((over, i) => ruleOf(String(i), over));
        expect(find(rules, asked)).toBe(findSlowly(rules, asked));
      }),
    );
  });
});

/** The same by comparing keys of everything that holds. */
function findSlowly(rules: HttpRule[], request: RequestOver): string | null {
  const { host = "", path = "", query = "" } = request;
  const parameters = new URLSearchParams(query);
  const keys: { key: number[]; route: string }[] = [];
  rules.forEach(({ route, hostnames, matches }, ruleIndex) => {
    const covering = hostnames.filter(
      (name) => name === host || (name.startsWith("*.") && host?.endsWith(name.slice(1))),
    );
    if (hostnames.length > 0 && covering.length === 0) return;
    const plain = covering.filter((name) => !name.startsWith("*")).map((name) => name.length);
    const lengths = [Math.max(0, ...plain), Math.max(0, ...covering.map((name) => name.length))];
    matches.forEach((match, matchIndex) => {
      const isExact = match.path.type === "Exact";
      const value = match.path.value;
      const isPath = isExact ? path === value : value === "/" || `${path}/`.startsWith(`${value}/`);
      const isRest =
        (match.method === null || match.method === request.method) &&
        match.headers.every(({ name }) => request.headers?.[name] === "1") &&
        match.query.every(({ name }) => parameters.get(name) === "1");
      if (!isPath || !isRest) return;
      const counts = [match.headers.length, match.query.length, -ruleIndex, -matchIndex];
      const paths = [isExact ? 1 : 0, value.length, match.method === null ? 0 : 1];
      keys.push({ key: [...lengths, ...paths, ...counts], route });
    });
  });
  keys.sort((a, b) => {
    const at = a.key.findIndex((part, i) => part !== b.key[i]);
    return at === -1 ? 0 : (b.key[at] ?? 0) - (a.key[at] ?? 0);
  });
  return keys[0]?.route ?? null;
}

describe("patterns from a cluster", () => {
  it.each([
    ["a back reference", "(a)\\1"],
    ["a look-ahead", "(?=a)a"],
    ["an open bracket", "["],
    ["a text that is too long", "a".repeat(1_025)],
    ["repetitions that are too many", "(a{31}){33}"],
  ])("never match and are named as a problem: %s", (_, value) => {
    const rules = [ruleOf("it", { matches: [matchOf(pattern(value))] }), ruleOf("other")];
    const routing = compileRouting(routingOf(rules));
    expect(routing.find(factsOf({ path: "/a" }))?.rule.route).toBe("other");
    expect(routing.problems).toEqual([expect.stringContaining("never matches")]);
  });

  it("are compiled up to a sum, beyond which they never match", () => {
    const matches = Array.from({ length: 40 }, (_, i) =>
      matchOf({ ...pattern(`/${i}/.{900}`), method: String(i) }),
    );
    const routing = compileRouting(routingOf([ruleOf("it", { matches })]));
    expect(routing.problems).toEqual([expect.stringContaining("none after it matches")]);
    const isFound = (i: number): boolean => {
      const path = `/${i}/${"x".repeat(900)}`;
      return routing.find(factsOf({ method: String(i), path })) !== null;
    };
    expect(isFound(0)).toBe(true);
    expect(isFound(39)).toBe(false);
  });

  it("are named up to a number that somebody would read", () => {
    const matches = Array.from({ length: 200 }, (_, i) => matchOf(pattern(`[${i}`)));
    expect(compileRouting(routingOf([ruleOf("it", { matches })])).problems).toHaveLength(100);
  });

  it("are said once when one is used twice", () => {
    const rules = [1, 2].map((n) => ruleOf(String(n), { matches: [matchOf(pattern("["))] }));
    expect(compileRouting(routingOf(rules)).problems).toHaveLength(1);
  });

  it("that would cost too much on one request leave it without a rule, not with the next best", () => {
    const costly = matchOf({ headers: [like("x", "(a|b)*a(a|b){200}")] });
    const rules = [ruleOf("it", { matches: [costly] }), ruleOf("any")];
    expect(find(rules, { headers: { x: "b" } })).toBe("any");
    expect(find(rules, { headers: { x: "ab".repeat(8_000) } })).toBeNull();
  });

  it("give the same answers after their cache was dropped", () => {
    const rules = [ruleOf("it", { matches: [matchOf(pattern("/(a|b)*a(a|b){10}"))] })];
    const routing = compileRouting(routingOf(rules));
    for (let i = 0; i < 200; i += 1) {
      const bits = i.toString(2).padStart(2_000, "0").replaceAll("0", "a").replaceAll("1", "b");
      const isHit = bits.at(-11) === "a";
      expect(routing.find(factsOf({ path: `/${bits}` })) !== null).toBe(isHit);
    }
  });
});

describe("routing through the Gateway's own data plane", () => {
  const rules = [
    ruleOf("a", {
      hostnames: ["a.test"],
      matches: [matchOf({ ...exact("/only"), method: "POST" })],
      filters: [{ type: "unsupported", name: "x" }],
      requestTimeoutMs: 5,
    }),
    ruleOf("b", { hostnames: ["*.test"] }),
  ];
  const routing = compileRouting(routingOf(rules, { isThroughGateway: true }));

  it("looks at host names alone", () => {
    expect(routing.find(factsOf({ host: "a.test", path: "/x" }))?.rule.route).toBe("a");
    expect(routing.find(factsOf({ host: "a.test", path: "*" }))?.rule.route).toBe("a");
    expect(routing.find(factsOf({ host: "b.test" }))?.rule.route).toBe("b");
    expect(routing.find(factsOf({ host: "test" }))).toBeNull();
    expect(routing.find(factsOf({ host: null }))?.rule.route).toBe("a");
  });

  it("leaves filters and time limits to the Gateway", () => {
    const found = routing.find(factsOf({ host: "a.test" }));
    expect(found?.rule).toMatchObject({ filters: [], backends: [], requestTimeoutMs: null });
  });
});
