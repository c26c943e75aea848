import { describe, expect, it } from "vitest";
import { SourceLimits } from "./source-limits.ts";

function setup(over: { associationsMax?: number; openingsPerSecond?: number } = {}) {
  let nowMs = 0;
  const limits = new SourceLimits({
    associationsMax: 100,
    openingsPerSecond: 100,
    ...over,
    clock: { monotonicMs: () => nowMs },
  });
  const admitted = (address: string, tries: number): number =>
    Array.from({ length: tries }, () => limits.admit(address)).filter(Boolean).length;
  return { limits, admitted, pass: (ms: number) => void (nowMs += ms) };
}

describe("what one source may ask of a UDP port", () => {
  it("is so many associations at once, and again as many as it gives back", () => {
    const { limits, admitted, pass } = setup({ associationsMax: 3 });
    expect(admitted("a", 5)).toBe(3);
    limits.release("a");
    pass(1_000);
    expect(admitted("a", 5)).toBe(1);
  });

  it.each([
    ["2001:db8:0:1::7", "2001:db8::1:2:3:4:5"],
    ["2001:db8::1:0:0:0:2", "2001:db8:0:1:9:9:9:9"],
    ["fe80::1%eth0", "fe80::2%eth0"],
  ])("counts %s and %s as one: a host has a whole /64", (one, other) => {
    const { limits, admitted } = setup({ associationsMax: 1 });
    expect(admitted(one, 1)).toBe(1);
    expect(admitted(other, 1)).toBe(0);
    limits.release(one);
    expect(admitted(other, 1)).toBe(1);
  });

  it.each([
    ["2001:db8:0:1::1", "2001:db8:0:2::1"],
    ["::1", "::1:0:0:0:0"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2"],
    ["192.0.2.1", "192.0.2.2"],
  ])("keeps %s and %s apart", (one, other) => {
    const { admitted } = setup({ associationsMax: 1 });
    expect(admitted(one, 1) + admitted(other, 1)).toBe(2);
  });

  it("is so many openings in a second, whatever it gave back", () => {
    const { limits, admitted, pass } = setup({ openingsPerSecond: 4 });
    expect(admitted("a", 10)).toBe(4);
    for (let n = 0; n < 4; n += 1) limits.release("a");
    expect(admitted("a", 1)).toBe(0);
    pass(500);
    expect(admitted("a", 10)).toBe(2);
  });

  it("does not depend on other sources", () => {
    const { admitted } = setup({ associationsMax: 2 });
    expect([admitted("a", 5), admitted("b", 5)]).toEqual([2, 2]);
  });

  it("is forgotten when the source is quiet, and not before", () => {
    const { limits, pass } = setup();
    limits.admit("a");
    limits.admit("b");
    limits.release("b");
    limits.sweep();
    expect(limits.size).toBe(2);
    pass(1_000);
    limits.sweep();
    expect(limits.size).toBe(1);
    limits.release("nobody");
    limits.release("a");
    expect(limits.size).toBe(0);
  });

  it("is nothing for a new source while the table is full", () => {
    const { limits } = setup();
    for (let n = 0; n < 100_000; n += 1) limits.admit(String(n));
    expect(limits.admit("one more")).toBe(false);
    expect(limits.admit("7")).toBe(true);
  });
});
