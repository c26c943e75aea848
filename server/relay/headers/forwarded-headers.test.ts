import { describe, expect, it } from "vitest";
import { toForwarded } from "./forwarded-headers.ts";
import { createTrustedProxies } from "./trusted-proxies.ts";

const trusted = createTrustedProxies(["10.0.0.0/8", "fd00::/8", "192.0.2.1"]);

describe("toForwarded", () => {
  it.each([
    ["nobody is believed", "203.0.113.9", "1.1.1.1", "203.0.113.9"],
    ["one proxy", "10.0.0.1", "1.1.1.1", "1.1.1.1"],
    ["a chain of proxies", "10.0.0.1", "1.1.1.1, 10.0.0.2, 192.0.2.1", "1.1.1.1"],
    ["hearsay in front of the client", "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"],
    ["a proxy that says nothing", "10.0.0.1", "", "10.0.0.1"],
    ["nothing but proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["what is no address", "10.0.0.1", "1.1.1.1, <script>, unknown", "1.1.1.1"],
    ["IPv6", "fd00::1", "2001:db8::7", "2001:db8::7"],
    ["IPv4 through an IPv6 socket", "::ffff:10.0.0.1", "1.1.1.1", "1.1.1.1"],
    ["a stranger through an IPv6 socket", "::ffff:203.0.113.9", "1.1.1.1", "203.0.113.9"],
  ])("%s", (_name, peer, chain, address) => {
    expect(toForwarded({ "x-forwarded-for": chain }, peer, trusted).address).toBe(address);
  });

  it("believes scheme and host of a trusted proxy alone", () => {
    const headers = { host: "h", "x-forwarded-proto": "https", "x-forwarded-host": "other" };
    expect(toForwarded(headers, "10.0.0.1", trusted)).toMatchObject({
      proto: "https",
      host: "other",
    });
    expect(toForwarded(headers, "8.8.8.8", trusted)).toMatchObject({ proto: "http", host: "h" });
    const odd = { host: "h", "x-forwarded-proto": "gopher" };
    expect(toForwarded(odd, "10.0.0.1", trusted)).toMatchObject({ proto: "http", host: "h" });
  });
});
