import type { TransitionTable } from "#server/lib/state-machine.ts";

export type LinkPhase = "greeting" | "acknowledged" | "ready" | "draining" | "closed";
export type LinkPhaseEvent = "ack" | "register" | "drain" | "close";

/**
 * The life of an agent link.
 *
 *     greeting --ack--> acknowledged --register--> ready --drain--> draining
 *         |                  |                       |                 |
 *         +------------------+-------- close --------+-----------------+--> closed
 *
 * `greeting`: the hello is sent. New streams are opened in `ready` only.
 */
export const LINK_TRANSITIONS: TransitionTable<LinkPhase, LinkPhaseEvent> = {
  greeting: { ack: "acknowledged", close: "closed" },
  acknowledged: { register: "ready", close: "closed" },
  ready: { drain: "draining", close: "closed" },
  draining: { close: "closed" },
  closed: {},
};
