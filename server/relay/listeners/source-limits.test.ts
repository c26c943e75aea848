import { describe, expect, it } from "vitest";
import { SourceLimits, type Admission } from "./source-limits.ts";

const nothing = (): void => undefined;

function setup(over: { associationsMax?: number; openingsPerSecond?: number } = {}) {
  let nowMs = 0;
  const gone: string[] = [];
  const limits = new SourceLimits({
    associationsMax: 100,
    openingsPerSecond: 100,
    ...over,
    clock: { monotonicMs: () => nowMs },
  });
  const admit = (address: string, name = address): Admission | null =>
    limits.admit(address, () => gone.push(name));
  const admitted = (address: string, tries: number): number =>
    Array.from({ length: tries }, () => admit(address)).filter((one) => one !== null).length;
  return { limits, gone, admit, admitted, pass: (ms: number) => void (nowMs += ms) };
}

describe("what one source may ask of the UDP ports", () => {
  it("is so many associations at once: the one that came first gives way", () => {
    const { admit, gone } = setup({ associationsMax: 3 });
    for (const name of ["1", "2", "3", "4", "5"]) expect(admit("a", name)).not.toBeNull();
    expect(gone).toEqual(["1", "2"]);
  });

  it("spares those in use the first time that it looks", () => {
    const { admit, gone } = setup({ associationsMax: 3 });
    const [first, , third] = ["1", "2", "3"].map((name) => admit("a", name));
    for (const one of [first, third]) if (one) one.isActive = true;
    admit("a", "4");
    expect(gone).toEqual(["2"]);
    if (first) first.isActive = true;
    for (const name of ["5", "6"]) admit("a", name);
    expect(gone).toEqual(["2", "4", "3"]);
  });

  it("finds somebody when all are in use", () => {
    const { admit, gone } = setup({ associationsMax: 2 });
    for (const name of ["1", "2"]) {
      const one = admit("a", name);
      if (one) one.isActive = true;
    }
    admit("a", "3");
    expect(gone).toEqual(["1"]);
  });

  it("is as many again as it gives back", () => {
    const { admit, gone } = setup({ associationsMax: 2 });
    const [first] = ["1", "2"].map((name) => admit("a", name));
    first?.release();
    first?.release();
    admit("a", "3");
    expect(gone).toEqual([]);
  });

  it.each([
    ["2001:db8:0:1::7", "2001:db8::1:2:3:4:5"],
    ["2001:db8::1:0:0:0:2", "2001:db8:0:1:9:9:9:9"],
    ["fe80::1%eth0", "fe80::2%eth0"],
  ])("counts %s and %s as one: a host has a whole /64", (one, other) => {
    const { admit, gone } = setup({ associationsMax: 1 });
    admit(one);
    admit(other);
    expect(gone).toEqual([one]);
  });

  it.each([
    ["2001:db8:0:1::1", "2001:db8:0:2::1"],
    ["::1", "0:0:0:1::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2"],
    ["192.0.2.1", "192.0.2.2"],
  ])("keeps %s and %s apart", (one, other) => {
    const { admit, gone } = setup({ associationsMax: 1 });
    admit(one);
    admit(other);
    expect(gone).toEqual([]);
  });

  it("is so many openings in a second, whatever it gave back", () => {
    const { admit, admitted, pass } = setup({ openingsPerSecond: 4 });
    for (let n = 0; n < 4; n += 1) admit("a")?.release();
    expect(admitted("a", 1)).toBe(0);
    pass(500);
    expect(admitted("a", 10)).toBe(2);
  });

  it("does not depend on other sources", () => {
    const { admitted } = setup({ openingsPerSecond: 2 });
    expect([admitted("a", 5), admitted("b", 5)]).toEqual([2, 2]);
  });

  it("is forgotten when the source is quiet, and not before", () => {
    const { limits, admit, pass } = setup();
    const [a, b] = [admit("a"), admit("b")];
    b?.release();
    limits.sweep();
    expect(limits.size).toBe(2);
    pass(1_000);
    limits.sweep();
    expect(limits.size).toBe(1);
    a?.release();
    expect(limits.size).toBe(0);
  });

  it("is nothing for a new source while the table is full", () => {
    const { limits } = setup();
    for (let n = 0; n < 100_000; n += 1) limits.admit(String(n), nothing);
    expect(limits.admit("one more", nothing)).toBeNull();
    expect(limits.admit("7", nothing)).not.toBeNull();
  });
});
