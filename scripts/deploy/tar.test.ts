import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { toTar } from "./tar.ts";

const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });

describe("an archive", () => {
  it("gives every file back, of any length", () => {
    const files = [file("a/empty", ""), file("a/full", "x".repeat(512)), file("b", "one more")];
    const input = toTar(files);
    expect(input.length % 512).toBe(0);
    const names = execFileSync("tar", ["-tf", "-"], { input, encoding: "utf8" });
    expect(names.trim().split("\n")).toEqual(["a/empty", "a/full", "b"]);
    for (const { path, content } of files) {
      const read = execFileSync("tar", ["-xOf", "-", path], { input });
      expect(read.equals(content)).toBe(true);
    }
  });

  it("is the same for the same files", () => {
    const files = [file("a", "1"), file("b", "2")];
    expect(toTar(files).equals(toTar(files))).toBe(true);
  });

  it("takes paths of a hundred bytes and no longer ones", () => {
    expect(() => toTar([file("x".repeat(100), "")])).not.toThrow();
    expect(() => toTar([file("x".repeat(101), "")])).toThrow(RangeError);
    expect(() => toTar([file("é".repeat(51), "")])).toThrow(RangeError);
  });
});
