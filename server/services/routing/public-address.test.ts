import { describe, expect, it } from "vitest";
import { isPublicAddress, toEndpoint } from "./public-address.ts";

describe("isPublicAddress", () => {
  it.each(["8.8.8.8", "172.32.0.1", "2a00:1450:4001::1"])("takes %s for public", (address) => {
    expect(isPublicAddress(address, [])).toBe(true);
  });

  it.each([
    "10.1.2.3",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "db.example.com",
    "",
  ])("does not take %s for public", (address) => {
    expect(isPublicAddress(address, [])).toBe(false);
  });

  it("believes the operator about own ranges", () => {
    expect(isPublicAddress("10.1.2.3", ["10.1.0.0/16"])).toBe(true);
    expect(isPublicAddress("127.0.0.1", ["127.0.0.1"])).toBe(true);
    expect(isPublicAddress("10.2.0.1", ["10.1.0.0/16"])).toBe(false);
  });
});

describe("toEndpoint", () => {
  it("writes brackets around IPv6", () => {
    expect(toEndpoint("::1", 5432)).toBe("[::1]:5432");
    expect(toEndpoint("127.0.0.1", 5432)).toBe("127.0.0.1:5432");
  });
});
