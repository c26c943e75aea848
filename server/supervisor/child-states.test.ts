import { describe, expect, it } from "vitest";
import { IllegalTransitionError, advance } from "#server/lib/state-machine.ts";
import { CHILD_TRANSITIONS, type ChildEvent, type ChildState } from "./child-states.ts";

const states = Object.keys(CHILD_TRANSITIONS) as ChildState[];
const events: readonly ChildEvent[] = ["ready", "exited", "restart", "drain", "stopped"];

describe("the states of a child process", () => {
  it("moves along the table and nowhere else", () => {
    for (const state of states) {
      for (const event of events) {
        const next = CHILD_TRANSITIONS[state][event];
        if (next !== undefined) expect(advance(CHILD_TRANSITIONS, state, event)).toBe(next);
        else expect(() => advance(CHILD_TRANSITIONS, state, event)).toThrow(IllegalTransitionError);
      }
    }
  });

  it("can be stopped from everywhere, and is over then", () => {
    for (const state of states) {
      if (state === "stopped") continue;
      expect(advance(CHILD_TRANSITIONS, state, "stopped")).toBe("stopped");
    }
    expect(Object.keys(CHILD_TRANSITIONS.stopped)).toEqual([]);
  });

  it("comes back after it died, and not after it was asked to drain", () => {
    expect(advance(CHILD_TRANSITIONS, "ready", "exited")).toBe("waiting");
    expect(advance(CHILD_TRANSITIONS, "waiting", "restart")).toBe("starting");
    expect(advance(CHILD_TRANSITIONS, "draining", "exited")).toBe("stopped");
  });
});
