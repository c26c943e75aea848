import type { TunnelPhase } from "#protocol/api/tunnels.ts";
import { advance, type TransitionTable } from "#server/lib/state-machine.ts";

export type TunnelEvent = "publish" | "withdraw" | "degrade" | "recover" | "vanish" | "return";

/**
 *   pending --publish--> active <--degrade/recover--> degraded
 *      |  <---withdraw-----+---------- withdraw ---------+
 *      |                   |  ^------- return -----------+ (from closing)
 *      +----- vanish ------+----------------- vanish ----+--> closing --> (deleted)
 */
export const TUNNEL_TRANSITIONS: TransitionTable<TunnelPhase, TunnelEvent> = {
  pending: { publish: "active", vanish: "closing" },
  active: { degrade: "degraded", withdraw: "pending", vanish: "closing" },
  degraded: { recover: "active", withdraw: "pending", vanish: "closing" },
  closing: { return: "active" },
};

/** What is known about a tunnel that decides its phase. */
export interface PhaseFacts {
  /** Why it cannot be published, in plain words. */
  readonly problem: string | null;
  /** Why it does not work although it is published, in plain words. */
  readonly trouble: string | null;
}

export interface PhaseDecision {
  readonly phase: TunnelPhase;
  readonly phaseReason: string | null;
}

/** Decides the phase of a tunnel whose listener is reported. Every step is one the table allows. */
export function decidePhase(current: TunnelPhase, facts: PhaseFacts): PhaseDecision {
  let phase = current;
  if (phase === "closing") phase = advance(TUNNEL_TRANSITIONS, phase, "return");
  if (facts.problem !== null) {
    if (phase !== "pending") phase = advance(TUNNEL_TRANSITIONS, phase, "withdraw");
    return { phase, phaseReason: facts.problem };
  }
  if (phase === "pending") phase = advance(TUNNEL_TRANSITIONS, phase, "publish");
  const { trouble } = facts;
  if (trouble !== null && phase === "active") {
    phase = advance(TUNNEL_TRANSITIONS, phase, "degrade");
  } else if (trouble === null && phase === "degraded") {
    phase = advance(TUNNEL_TRANSITIONS, phase, "recover");
  }
  return { phase, phaseReason: trouble };
}

/** Decides the phase of a tunnel whose listener is gone. */
export function vanishedPhase(current: TunnelPhase): TunnelPhase {
  return current === "closing" ? current : advance(TUNNEL_TRANSITIONS, current, "vanish");
}
