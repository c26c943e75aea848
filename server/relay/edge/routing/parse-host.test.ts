import { describe, expect, it } from "vitest";
import { parseHost } from "./parse-host.ts";

describe("reading a host", () => {
  it.each<[string, string, number | null]>([
    ["example.com", "example.com", null],
    ["EXAMPLE.com:8080", "example.com", 8080],
    ["example.com.", "example.com", null],
    ["example.com.:80", "example.com", 80],
    ["localhost", "localhost", null],
    ["under_score.test", "under_score.test", null],
    ["10.0.0.1:443", "10.0.0.1", 443],
    ["[::1]", "[::1]", null],
    ["[2001:DB8::1]:65535", "[2001:db8::1]", 65_535],
    ["[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.1]", 1],
    [`${"a".repeat(63)}.test`, `${"a".repeat(63)}.test`, null],
  ])("takes %s", (text, host, port) => {
    expect(parseHost(text)).toEqual({ host, port });
  });

  it("takes the longest name there is, with and without the dot at its end, and nothing longer", () => {
    const longest = `${"a.".repeat(126)}a`;
    expect(parseHost(longest)?.host).toBe(longest);
    expect(parseHost(`${longest}.:80`)?.host).toBe(longest);
    expect(parseHost(`${longest}b`)).toBeNull();
  });

  it.each([
    "",
    ".",
    ":80",
    "a..b",
    ".a",
    "a:",
    "a:0",
    "a:65536",
    "a:99999999999999999999",
    "a:80:80",
    "a:http",
    "user@a",
    "a/b",
    "a?b",
    "a#b",
    "a b",
    " a",
    "a,b",
    "a%41",
    "*.a",
    "é.test",
    "a\r\nb",
    "a\n",
    "::1",
    "[::1",
    "[]",
    "[::1]x",
    "[fe80::1%25eth0]",
    "[1.2.3.4]",
    "[v1.a]",
    "1.2.3.999",
    "1.2.3",
    `${"a".repeat(64)}.test`,
  ])("refuses %j", (text) => {
    expect(parseHost(text)).toBeNull();
  });
});
