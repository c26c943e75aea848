import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./public-address.ts";

describe("isPublicAddress", () => {
  it.each([
    "8.8.8.8",
    "172.32.0.1",
    "2a00:1450:4001::1",
    "db.example.com",
    "lb-1234.eu-west-1.elb.amazonaws.com.",
  ])("takes %s for public", (address) => {
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
    "",
    "db",
    "localhost",
    "db.local",
    "DB.LOCALHOST.",
    "db.default.svc",
    "db.default.svc.cluster.local",
    "db.internal",
    "1.2.3",
    "db..example.com",
    "-db.example.com",
    "db.example.com/x",
    "fe80::1%eth0.example.com",
  ])("does not take %s for public", (address) => {
    expect(isPublicAddress(address, [])).toBe(false);
  });

  it("believes the operator about own ranges", () => {
    expect(isPublicAddress("10.1.2.3", ["10.1.0.0/16"])).toBe(true);
    expect(isPublicAddress("127.0.0.1", ["127.0.0.1"])).toBe(true);
    expect(isPublicAddress("10.2.0.1", ["10.1.0.0/16"])).toBe(false);
    expect(isPublicAddress("169.254.169.254", ["169.254.0.0/16"])).toBe(false);
  });
});
