import { describe, expect, it } from "vitest";
import { isLoopback } from "./plain-paths.ts";

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
