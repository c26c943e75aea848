import { describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { Copies, type Copy } from "./copies.ts";

const SHOP = TunnelId.parse("tn_00000000000000000001");
const OTHER = TunnelId.parse("tn_00000000000000000002");

/** Copies, and those that were given up. */
function start() {
  let nowMs = 0;
  const givenUp: Copy[] = [];
  const copies = new Copies(() => nowMs);
  const add = (id: TunnelId, wholeAtMs: number | null): Copy => {
    const copy: Copy = {
      wholeAtMs,
      giveUp: () => {
        givenUp.push(copy);
        copies.delete(id, copy);
      },
    };
    copies.add(id, copy);
    return copy;
  };
  const sweepAt = (ms: number): void => {
    nowMs = ms;
    copies.sweep();
  };
  return { copies, givenUp, add, sweepAt };
}

describe("Copies", () => {
  it("leaves no room for one more than 256 of a tunnel, and all room to the others", () => {
    const { copies, add } = start();
    const [first] = Array.from({ length: 256 }, () => add(SHOP, 0));
    expect([copies.hasRoom(SHOP), copies.hasRoom(OTHER)]).toEqual([false, true]);
    if (first !== undefined) copies.delete(SHOP, first);
    expect(copies.hasRoom(SHOP)).toBe(true);
  });

  it("gives up those that wait for an answer for more than 30 s, and none whose body still flows", () => {
    const { givenUp, add, sweepAt } = start();
    const early = add(SHOP, 0);
    add(SHOP, null);
    const late = add(OTHER, 20_000);
    sweepAt(30_000);
    expect(givenUp).toEqual([]);
    sweepAt(30_001);
    expect(givenUp).toEqual([early]);
    sweepAt(60_000);
    expect(givenUp).toEqual([early, late]);
  });
});
