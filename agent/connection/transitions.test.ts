import { describe, expect, it } from "vitest";
import { step, type TransitionTable } from "#mux/state-machine.ts";
import { LINK_TRANSITIONS } from "./agent-link.ts";
import { SLOT_TRANSITIONS } from "./link-slot.ts";

/** Walks every cell: legal ones move, empty ones throw, and every state reaches the last one. */
function walk(table: TransitionTable<string, string>, last: string): void {
  const states = Object.keys(table);
  const events = [...new Set(Object.values(table).flatMap((row) => Object.keys(row)))];
  for (const state of states) {
    for (const event of events) {
      const next = table[state]?.[event];
      if (next === undefined) expect(() => step(table, state, event)).toThrow();
      else expect(states).toContain(step(table, state, event));
    }
    const reached = new Set([state]);
    for (const known of reached) {
      for (const next of Object.values(table[known] ?? {}))
        if (next !== undefined) reached.add(next);
    }
    expect(reached).toContain(last);
  }
}

describe("state tables", () => {
  it("of a link end in over", () => {
    walk(LINK_TRANSITIONS, "over");
  });

  it("of a slot end in stopped", () => {
    walk(SLOT_TRANSITIONS, "stopped");
  });
});
