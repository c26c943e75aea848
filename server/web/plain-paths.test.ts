import { describe, expect, it } from "vitest";
import { isFromThisMachine, isLoopback } from "./plain-paths.ts";

describe("isLoopback", () => {
  it.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])("knows %s", (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  it.each(["192.0.2.1", "10.0.0.1", "0.0.0.0", "::2", "::ffff:10.0.0.1", "localhost", "", "x"])(
    "is not taken in by %j",
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );
});

describe("isFromThisMachine", () => {
  const asked = (address: string, host: string) =>
    isFromThisMachine(new Headers({ "x-forwarded-for": address, "x-forwarded-host": host }));

  it.each(["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "localhost"])(
    "is one who asks for %s from here",
    (host) => {
      expect(asked("127.0.0.1", host)).toBe(true);
      expect(asked("::1", host)).toBe(true);
      expect(asked("192.0.2.1", host)).toBe(false);
    },
  );

  it.each(["culvert.example.com", "localhost.evil.example", "192.0.2.1:3000", "", "[::2]"])(
    "is nobody who asks for %j, as through a proxy",
    (host) => {
      expect(asked("127.0.0.1", host)).toBe(false);
    },
  );

  it("is nobody whose address is not known", () => {
    expect(isFromThisMachine(new Headers({ "x-forwarded-host": "localhost" }))).toBe(false);
  });
});
