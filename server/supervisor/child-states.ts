import type { TransitionTable } from "#server/lib/state-machine.ts";

export type ChildState = "starting" | "ready" | "waiting" | "draining" | "stopped";
export type ChildEvent = "ready" | "exited" | "restart" | "drain" | "stopped";

/**
 *   starting --ready--> ready --exited--> waiting --restart--> starting
 *      |                  |                  |
 *      +------ drain -----+---- draining <---+     draining --exited--> stopped
 *                                                  (stopped: gives up, from anywhere)
 */
export const CHILD_TRANSITIONS: TransitionTable<ChildState, ChildEvent> = {
  starting: { ready: "ready", exited: "waiting", drain: "draining", stopped: "stopped" },
  ready: { exited: "waiting", drain: "draining", stopped: "stopped" },
  waiting: { restart: "starting", drain: "draining", stopped: "stopped" },
  draining: { exited: "stopped", stopped: "stopped" },
  stopped: {},
};
