import { describe, expect, it } from "vitest";
import { ForbiddenAddresses } from "./forbidden-addresses.ts";

const forbidden = new ForbiddenAddresses();

describe("ForbiddenAddresses", () => {
  it.each([
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "FE80::ABCD",
    "fd00:ec2::254",
    "fd00:0ec2:0:0:0:0:0:0254",
    "100.100.100.200",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "metadata.google.internal",
    "",
    "169.254.169.254.",
    "2852039166",
  ])("forbids %s", (address) => {
    expect(forbidden.isForbidden(address)).toBe(true);
  });

  it.each([
    "127.0.0.1",
    "::1",
    "10.0.0.1",
    "169.253.255.255",
    "169.255.0.0",
    "fec0::1",
    "fe7f::1",
    "2001:db8::169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "8.8.8.8",
  ])("allows %s", (address) => {
    expect(forbidden.isForbidden(address)).toBe(false);
  });
});
