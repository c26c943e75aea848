import type { TransitionTable } from "#server/lib/state-machine.ts";

export type ListenerPhase = "starting" | "listening" | "failed" | "stopped";
export type ListenerEvent = "bound" | "bindFailed" | "retry" | "stop";

/**
 *     starting --bound--> listening --bindFailed--> failed    (bindFailed while listening: the socket broke later)
 *        |  ^                 |                       |
 *        |  +----- retry -----)-----------------------+
 *        +--- bindFailed -----)--> failed
 *     stop: from anywhere to stopped
 */
export const LISTENER_TRANSITIONS: TransitionTable<ListenerPhase, ListenerEvent> = {
  starting: { bound: "listening", bindFailed: "failed", stop: "stopped" },
  listening: { bindFailed: "failed", stop: "stopped" },
  failed: { retry: "starting", stop: "stopped" },
  stopped: {},
};
