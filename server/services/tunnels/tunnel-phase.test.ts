import { describe, expect, it } from "vitest";
import { TunnelPhase } from "#protocol/api/tunnels.ts";
import { IllegalTransitionError, advance } from "#server/lib/state-machine.ts";
import {
  TUNNEL_TRANSITIONS,
  decidePhase,
  vanishedPhase,
  type TunnelEvent,
} from "./tunnel-phase.ts";

const EVENTS: readonly TunnelEvent[] = [
  "publish",
  "withdraw",
  "degrade",
  "recover",
  "vanish",
  "return",
];
const WELL = { problem: null, trouble: null };

describe("the tunnel's states", () => {
  it("move only where the table says so", () => {
    for (const phase of TunnelPhase.options) {
      for (const event of EVENTS) {
        const cell = TUNNEL_TRANSITIONS[phase][event];
        if (cell !== undefined) expect(advance(TUNNEL_TRANSITIONS, phase, event)).toBe(cell);
        else
          expect(() => advance(TUNNEL_TRANSITIONS, phase, event)).toThrow(IllegalTransitionError);
      }
    }
  });

  it("all lead to closing when the listener vanishes", () => {
    for (const phase of TunnelPhase.options) expect(vanishedPhase(phase)).toBe("closing");
  });
});

describe("decidePhase", () => {
  it.each([
    ["pending", WELL, "active", null],
    ["pending", { ...WELL, problem: "No route." }, "pending", "No route."],
    ["pending", { ...WELL, trouble: "No agent." }, "degraded", "No agent."],
    ["active", WELL, "active", null],
    ["active", { ...WELL, trouble: "No agent." }, "degraded", "No agent."],
    ["active", { ...WELL, problem: "No route." }, "pending", "No route."],
    ["active", { problem: "No route.", trouble: "No agent." }, "pending", "No route."],
    ["degraded", { ...WELL, problem: "No route." }, "pending", "No route."],
    ["closing", { ...WELL, problem: "No route." }, "pending", "No route."],
    ["degraded", WELL, "active", null],
    ["degraded", { ...WELL, trouble: "No agent." }, "degraded", "No agent."],
    ["closing", WELL, "active", null],
    ["closing", { ...WELL, trouble: "No agent." }, "degraded", "No agent."],
  ] as const)("from %s with %o gives %s (%s)", (phase, facts, next, phaseReason) => {
    expect(decidePhase(phase, facts)).toEqual({ phase: next, phaseReason });
  });
});
