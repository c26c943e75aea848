import { describe, expect, it } from "vitest";
import { isOriginAllowed } from "./origin-rules.ts";

const OWN_HOSTS = ["edge-1.tunnels.test", "shop.test", "*.shop.test"];

function isAllowed(origin: string | undefined, allowed: string[] = []): boolean {
  return isOriginAllowed(origin, OWN_HOSTS, "asked.test", allowed);
}

describe("whose pages may open WebSockets", () => {
  it("lets in who names no origin, for it is no page", () => {
    expect(isAllowed(undefined)).toBe(true);
  });

  it.each([
    "http://asked.test",
    "https://ASKED.test:8443",
    "https://edge-1.tunnels.test",
    "https://shop.test",
    "https://a.b.shop.test",
  ])("lets in pages of our own hosts: %s", (origin) => {
    expect(isAllowed(origin)).toBe(true);
  });

  it.each([
    "https://evil.test",
    "https://evilshop.test",
    "https://shop.test.evil.test",
    "https://x.asked.test",
    "https://asked.test.evil",
    "https://asked.test@evil.test",
    "https://evil.test/asked.test",
    "https://evil.test#asked.test",
    "https://asked.test/",
    "https://asked.test, https://evil.test",
    "https://",
    "asked.test",
    "null",
    "",
    "file://",
    "chrome-extension://asked.test",
    "javascript:asked.test",
  ])("keeps out %s", (origin) => {
    expect(isAllowed(origin)).toBe(false);
  });

  it.each([
    ["https://app.example.com", "https://app.example.com", true],
    ["https://app.example.com", "https://APP.example.com:443", true],
    ["https://app.example.com:443", "https://app.example.com", true],
    ["http://app.example.com", "http://app.example.com:80", true],
    ["https://app.example.com:8443", "https://app.example.com:8443", true],
    ["HTTPS://APP.example.com", "https://app.example.com", true],
    ["https://app.example.com", "http://app.example.com", false],
    ["https://app.example.com", "https://app.example.com:8443", false],
    ["https://app.example.com", "https://xapp.example.com", false],
    ["https://app.example.com", "https://x.app.example.com", false],
    ["*.example.com", "https://a.example.com", true],
    ["*.example.com", "http://a.b.example.com:3000", true],
    ["*.example.com", "https://example.com", false],
    ["*.example.com", "https://evilexample.com", false],
    ["*.example.com", "https://.example.com", false],
    ["*.example.com", "https://a.example.com.evil.test", false],
    ["*", "https://a.example.com", false],
    ["null", "null", false],
    ["example.com", "https://example.com", false],
  ])("with %s in the list, %s: %s", (entry, origin, expected) => {
    expect(isAllowed(origin, ["https://other.test", entry])).toBe(expected);
  });
});
