import { describe, expect, it } from "vitest";
import { ruleFor } from "#server/services/testing/http-listener.ts";
import { routeHostnames } from "./route-hostnames.ts";

const namesOf = (hostname: string | null, ...hostnames: string[][]): readonly string[] =>
  routeHostnames({ hostname }, { rules: hostnames.map((names) => ruleFor(names)) });

describe("routeHostnames", () => {
  it("names each host once, in the order of the rules and in lower case", () => {
    expect(namesOf(null, ["b.test", "A.test"], ["a.test", "*.c.test"])).toEqual([
      "b.test",
      "a.test",
      "*.c.test",
    ]);
  });

  it("takes the listener's host name for a rule without any, and none where that is any host", () => {
    expect(namesOf("*.example.com", [], ["a.example.com"])).toEqual([
      "*.example.com",
      "a.example.com",
    ]);
    expect(namesOf(null, [], [])).toEqual([]);
  });

  it("leaves out what no request can name, and addresses, which are nobody's to ask for", () => {
    const odd = [
      "",
      "*",
      "*.",
      "a.*.test",
      "a..test",
      "a.test.",
      "x;reboot",
      "a b",
      "a/b",
      "é.test",
    ];
    const addresses = ["203.0.113.10", "[2001:db8::1]", "2001:db8::1"];
    const long = `${"a".repeat(64)}.test`;
    expect(namesOf("x|y", [], [...odd, ...addresses, long, "_dmarc.a-b.test"])).toEqual([
      "_dmarc.a-b.test",
    ]);
  });

  it("keeps so many names and no more", () => {
    const many = Array.from({ length: 2_000 }, (_, i) => `h${i}.test`);
    expect(namesOf(null, many, many)).toEqual(many.slice(0, 1_024));
  });
});
