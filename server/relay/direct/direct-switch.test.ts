import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoutingMode } from "#protocol/api/routing.ts";
import { TUNNEL, ShiftedClock, tunnelOf } from "#server/hub/testing/relay-harness.ts";
import { DirectSwitch, DUE_SPACING_MS, LINGER_MS } from "./direct-switch.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function setup() {
  const facts = { isSteady: true, canTell: true, mode: "direct" as RoutingMode };
  let dueCount = 0;
  const direct = new DirectSwitch({
    isSteady: () => facts.isSteady,
    canTell: () => facts.canTell,
    clock: new ShiftedClock(),
    onDue: () => void (dueCount += 1),
  });
  const open = () =>
    new Map([
      [TUNNEL, tunnelOf({ relayPort: 1, mode: facts.mode, policy: { directDrainMs: 1_000 } })],
    ]);
  return {
    facts,
    isAccepting: () => direct.accepting(open()).has(TUNNEL),
    isOverdue: () => direct.overdue(open()).includes(TUNNEL),
    dueCount: () => dueCount,
  };
}

describe("the move of a tunnel to its direct address", () => {
  it("closes the port a moment after the address is steady, and asks to be asked then", () => {
    const { isAccepting, dueCount } = setup();
    expect(isAccepting()).toBe(true);
    vi.advanceTimersByTime(LINGER_MS);
    expect(dueCount()).toBe(1);
    expect(isAccepting()).toBe(false);
  });

  it("asks once for moves that end together", () => {
    const { isAccepting, dueCount } = setup();
    isAccepting();
    vi.advanceTimersByTime(LINGER_MS - 1);
    // Something else changes at the last moment: what is left is less than is worth a look of its own.
    isAccepting();
    vi.advanceTimersByTime(1);
    expect(dueCount()).toBe(0);
    vi.advanceTimersByTime(DUE_SPACING_MS);
    expect(dueCount()).toBe(1);
    expect(isAccepting()).toBe(false);
  });

  it("is put off while the address is in doubt, from the beginning", () => {
    const { isAccepting, facts } = setup();
    isAccepting();
    vi.advanceTimersByTime(LINGER_MS - 1);
    facts.isSteady = false;
    expect(isAccepting()).toBe(true);
    facts.isSteady = true;
    vi.advanceTimersByTime(1);
    expect(isAccepting()).toBe(true);
    vi.advanceTimersByTime(LINGER_MS);
    expect(isAccepting()).toBe(false);
  });

  it("waits until clients can be told of it, and is not taken back when they cannot any more", () => {
    const { isAccepting, facts } = setup();
    facts.canTell = false;
    isAccepting();
    vi.advanceTimersByTime(LINGER_MS);
    expect(isAccepting()).toBe(true);
    facts.canTell = true;
    isAccepting();
    vi.advanceTimersByTime(LINGER_MS);
    expect(isAccepting()).toBe(false);
    facts.canTell = false;
    expect(isAccepting()).toBe(false);
    facts.isSteady = false;
    expect(isAccepting()).toBe(true);
  });

  it("gives those on the relay their time from the closing of the port", () => {
    const { isAccepting, isOverdue, facts } = setup();
    isAccepting();
    vi.advanceTimersByTime(LINGER_MS + 999);
    expect(isOverdue()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isOverdue()).toBe(true);
    facts.mode = "tunnel";
    isAccepting();
    expect(isOverdue()).toBe(false);
  });
});
