import type { TransitionTable } from "../state-machine.ts";

export type StreamState = "opening" | "open" | "localEnded" | "remoteEnded" | "closed";
export type StreamEvent = "acknowledged" | "localEnd" | "remoteEnd" | "reset";

/**
 *   opening --acknowledged--> open --localEnd--> localEnded --remoteEnd--+
 *      |                        \--remoteEnd--> remoteEnded --localEnd---+--> closed   (reset: from anywhere)
 *      +--localEnd--> localEnded, --remoteEnd--> remoteEnded
 *
 * `localEnd` is the moment our FIN goes out, not the moment it is asked for. That the peer acknowledged is remembered
 * beside this table: it matters to the backlog of opens only, and may come after either end.
 */
export const STREAM_TRANSITIONS: TransitionTable<StreamState, StreamEvent> = {
  opening: {
    acknowledged: "open",
    localEnd: "localEnded",
    remoteEnd: "remoteEnded",
    reset: "closed",
  },
  open: { localEnd: "localEnded", remoteEnd: "remoteEnded", reset: "closed" },
  localEnded: { remoteEnd: "closed", reset: "closed" },
  remoteEnded: { localEnd: "closed", reset: "closed" },
  closed: {},
};
