import { describe, expect, it } from "vitest";
import { IllegalTransitionError, advance, type TransitionTable } from "./state-machine.ts";

type DoorState = "open" | "shut" | "gone";
type DoorEvent = "push" | "pull" | "burn";

const DOOR: TransitionTable<DoorState, DoorEvent> = {
  open: { push: "shut", burn: "gone" },
  shut: { pull: "open", burn: "gone" },
  gone: {},
};
const STATES: readonly DoorState[] = ["open", "shut", "gone"];
const EVENTS: readonly DoorEvent[] = ["push", "pull", "burn"];

describe("advance", () => {
  it("moves where the table has a cell and throws where it has none", () => {
    for (const state of STATES) {
      for (const event of EVENTS) {
        const cell = DOOR[state][event];
        if (cell === undefined) {
          expect(() => advance(DOOR, state, event)).toThrow(IllegalTransitionError);
        } else {
          expect(advance(DOOR, state, event)).toBe(cell);
        }
      }
    }
  });
});
