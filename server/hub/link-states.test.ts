import { describe, expect, it } from "vitest";
import {
  advance,
  IllegalTransitionError,
  type TransitionTable,
} from "#server/lib/state-machine.ts";
import { CONNECTION_TRANSITIONS } from "#server/relay/connections/connection-states.ts";
import { LISTENER_TRANSITIONS } from "#server/relay/listeners/listener-states.ts";
import { LINK_TRANSITIONS } from "./link-states.ts";

const machines: readonly [string, TransitionTable<string, string>, string][] = [
  ["agent link", LINK_TRANSITIONS, "closed"],
  ["connection", CONNECTION_TRANSITIONS, "closed"],
  ["listener", LISTENER_TRANSITIONS, "stopped"],
];

describe.each(machines)("the states of a %s", (_name, table, terminal) => {
  const states = Object.keys(table);
  const events = [...new Set(states.flatMap((state) => Object.keys(table[state] ?? {})))];

  it("moves where the table has a cell and throws where it has none", () => {
    for (const state of states) {
      for (const event of events) {
        const next = table[state]?.[event];
        if (next === undefined) {
          expect(() => advance(table, state, event)).toThrow(IllegalTransitionError);
        } else expect(advance(table, state, event)).toBe(next);
      }
    }
  });

  it("can end from everywhere, and has one end", () => {
    const ends = new Set([terminal]);
    for (let i = 0; i < states.length; i++) {
      for (const state of states) {
        if (Object.values(table[state] ?? {}).some((next) => next !== undefined && ends.has(next)))
          ends.add(state);
      }
    }
    expect([...ends].sort()).toEqual([...states].sort());
    expect(table[terminal]).toEqual({});
  });
});
