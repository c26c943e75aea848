import { describe, expect, it } from "vitest";
import {
  AddressRanges,
  isOutsideAddress,
  kindOfAddress,
  toEndpoint,
  type AddressKind,
} from "./ip-address.ts";

describe("the kind of an address", () => {
  it.each<[string, AddressKind]>([
    ["1.1.1.1", "global"],
    ["2606:4700::1111", "global"],
    ["::ffff:1.1.1.1", "global"],
    ["10.1.2.3", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.1", "global"],
    ["198.18.0.1", "private"],
    ["::ffff:10.1.2.3", "private"],
    ["fd12::1", "private"],
    ["127.0.0.1", "loopback"],
    ["127.200.0.9", "loopback"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["169.254.1.1", "link_local"],
    ["fe80::1", "link_local"],
    ["169.254.169.254", "metadata"],
    ["::ffff:a9fe:a9fe", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["64:ff9b::7f00:1", "loopback"],
    ["64:ff9b::101:101", "global"],
    ["2002:7f00:1::1", "loopback"],
    ["0.0.0.0", "unusable"],
    ["::", "unusable"],
    ["::1.1.1.1", "unusable"],
    ["::ffff:0:127.0.0.1", "unusable"],
    ["::ffff:0:a9fe:a9fe", "unusable"],
    ["2001:0:7f00:1::", "unusable"],
    ["2001:4860:4860::8888", "global"],
    ["192.88.99.1", "private"],
    ["3fff::1", "private"],
    ["224.0.0.1", "unusable"],
    ["255.255.255.255", "unusable"],
    ["ff02::1", "unusable"],
    ["fe80::1%eth0", "unusable"],
    ["db.example.com", "unusable"],
    ["", "unusable"],
  ])("of %s is %s", (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind);
  });
});

describe("an address that clients outside could reach", () => {
  const everything = new AddressRanges(["0.0.0.0/0", "::/0"]);
  const nothing = new AddressRanges([]);

  it.each([
    ["1.1.1.1", true, true],
    ["10.0.0.1", false, true],
    ["127.0.0.1", false, true],
    ["fd12::1", false, true],
    ["169.254.0.1", false, false],
    ["169.254.169.254", false, false],
    ["100.100.100.200", false, false],
    ["0.0.0.0", false, false],
    ["224.0.0.1", false, false],
  ])("%s: %s by itself, %s when everything is listed", (address, alone, listed) => {
    expect(isOutsideAddress(address, nothing)).toBe(alone);
    expect(isOutsideAddress(address, everything)).toBe(listed);
  });

  it("is found in a range, as a single address, and in IPv6 notation", () => {
    const ranges = new AddressRanges(["198.18.7.0/24", "10.0.0.5", "nonsense"]);
    expect(ranges.includes("198.18.7.200")).toBe(true);
    expect(ranges.includes("198.18.8.1")).toBe(false);
    expect(ranges.includes("10.0.0.5")).toBe(true);
    expect(ranges.includes("10.0.0.6")).toBe(false);
    expect(ranges.includes("::ffff:10.0.0.5")).toBe(true);
  });
});

describe("toEndpoint", () => {
  it("writes brackets around IPv6", () => {
    expect(toEndpoint("::1", 5432)).toBe("[::1]:5432");
    expect(toEndpoint("127.0.0.1", 5432)).toBe("127.0.0.1:5432");
  });
});
