import type { TransitionTable } from "#server/lib/state-machine.ts";

export type ConnectionPhase = "waiting" | "dialing" | "open" | "closing" | "closed";
export type ConnectionPhaseEvent = "stream" | "reply" | "giveUp" | "close" | "over";

/**
 *     waiting --stream--> dialing --reply--> open
 *        ^                   |                                   (giveUp: the direct address failed, an agent may come)
 *        +----- giveUp ------+
 *        |                   |                 |
 *        |                   +----- close -----+--> closing       (we cut it; the sockets are not closed yet)
 *        +------ over -------+------ over -----+------ over ---> closed
 */
export const CONNECTION_TRANSITIONS: TransitionTable<ConnectionPhase, ConnectionPhaseEvent> = {
  waiting: { stream: "dialing", over: "closed" },
  dialing: { reply: "open", giveUp: "waiting", close: "closing", over: "closed" },
  open: { close: "closing", over: "closed" },
  closing: { over: "closed" },
  closed: {},
};
