import { describe, expect, it } from "vitest";
import { SESSION_TRANSITIONS } from "../session/mux-session.ts";
import { IllegalMoveError, step, type TransitionTable } from "../state-machine.ts";
import { STREAM_TRANSITIONS, type StreamEvent, type StreamState } from "./stream-state.ts";

const streamEvents: readonly StreamEvent[] = ["acknowledged", "localEnd", "remoteEnd", "reset"];
const streamStates = Object.keys(STREAM_TRANSITIONS) as StreamState[];
const cells = streamStates.flatMap((state) => streamEvents.map((event) => [state, event] as const));

/** True when "closed" can be reached from the state. */
function endsFrom<S extends string, E extends string>(table: TransitionTable<S, E>, from: S) {
  const seen = new Set<string>([from]);
  const walk = (state: S): void => {
    for (const next of Object.values<S | undefined>(table[state])) {
      if (next === undefined || seen.has(next)) continue;
      seen.add(next);
      walk(next);
    }
  };
  walk(from);
  return seen.has("closed");
}

describe("stream transitions", () => {
  it.each(cells)("in %s, %s moves as the table says or throws", (state, event) => {
    const next = STREAM_TRANSITIONS[state][event];
    if (next === undefined) {
      expect(() => step(STREAM_TRANSITIONS, state, event)).toThrow(IllegalMoveError);
    } else {
      expect(step(STREAM_TRANSITIONS, state, event)).toBe(next);
    }
  });

  it("needs both ends, in either order, or one reset, to close", () => {
    const end = (...events: StreamEvent[]): StreamState =>
      events.reduce(
        (state, event) => step(STREAM_TRANSITIONS, state, event),
        "open" as StreamState,
      );
    expect(end("localEnd")).toBe("localEnded");
    expect(end("remoteEnd")).toBe("remoteEnded");
    expect(end("localEnd", "remoteEnd")).toBe("closed");
    expect(end("remoteEnd", "localEnd")).toBe("closed");
    expect(end("reset")).toBe("closed");
  });

  it("reaches its end from every state", () => {
    expect(streamStates.filter((state) => !endsFrom(STREAM_TRANSITIONS, state))).toEqual([]);
    expect(Object.keys(STREAM_TRANSITIONS.closed)).toEqual([]);
  });

  it("lets a session drain twice and close from everywhere", () => {
    expect(step(SESSION_TRANSITIONS, "open", "drain")).toBe("draining");
    expect(step(SESSION_TRANSITIONS, "draining", "drain")).toBe("draining");
    expect(step(SESSION_TRANSITIONS, "open", "close")).toBe("closed");
    expect(step(SESSION_TRANSITIONS, "draining", "close")).toBe("closed");
    expect(() => step(SESSION_TRANSITIONS, "closed", "close")).toThrow(IllegalMoveError);
    expect(() => step(SESSION_TRANSITIONS, "closed", "drain")).toThrow(IllegalMoveError);
  });
});
