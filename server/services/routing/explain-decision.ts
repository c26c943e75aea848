import type { EffectiveReason, RoutingRule, TraceStep } from "#protocol/api/routing.ts";
import type { RoutingDecision } from "./decide-mode.ts";
import type { DirectReach } from "./direct-reach.ts";

type Describe = (step: TraceStep) => string;

const by = (step: TraceStep): string => (step.setBy === null ? "" : `, set by ${step.setBy}`);

const SENTENCES: Readonly<Record<RoutingRule, Describe>> = {
  fleet_force_tunnel: (step) => `The whole fleet is forced through the tunnel${by(step)}`,
  cluster_force_tunnel: (step) => `Forced through the tunnel by the cluster's setting${by(step)}`,
  tunnel_force_tunnel: (step) => `This tunnel is forced${by(step)}`,
  operator_choice: (step) => `An operator chose ${String(step.mode)}${by(step)}`,
  gateway_annotation: (step) => `The Gateway's annotation asks for ${String(step.mode)}${by(step)}`,
  agent_force_tunnel: (step) => `The agent asks for the tunnel${by(step)}`,
  no_public_address: () => "The cluster names no public address",
  agent_dual_mode: (step) => `The agent asks for dual mode${by(step)}`,
  default_direct: () => "Nothing asks for anything else, so direct is wanted",
};

const CARRIED = "so the tunnel carries the traffic";

const EFFECTS: Readonly<Record<EffectiveReason, (direct: DirectReach | null) => string>> = {
  as_desired: () => "",
  direct_not_verified: (direct) =>
    `; its direct address${named(direct)} is not verified yet${because(direct)}, ${CARRIED}`,
  direct_not_answering: (direct) =>
    `; its direct address${named(direct)} does not answer steadily${since(direct)}${because(direct)}, ${CARRIED}`,
  direct_not_carried: () => `; there is no direct address, ${CARRIED}`,
};

const named = (direct: DirectReach | null): string => (direct === null ? "" : ` ${direct.address}`);

/** To the second, in UTC: the sentence is read in audit trails and by machines, too. */
function since(direct: DirectReach | null): string {
  if (direct === null) return "";
  const at = new Date(direct.since).toISOString().slice(0, 19).replace("T", " ");
  return ` since ${at} UTC`;
}

function because(direct: DirectReach | null): string {
  if (direct === null || direct.reason === null) return "";
  return ` (${direct.reason.replace(/\.$/, "")})`;
}

/**
 * One plain sentence: why this mode is in force.
 *
 * @param direct what relays see of the direct address, where the mode asks for one.
 */
export function explainDecision(
  decision: RoutingDecision,
  direct: DirectReach | null = null,
): string {
  const step = decision.trace.find(({ rule }) => rule === decision.rule);
  const why = step === undefined ? "" : SENTENCES[decision.rule](step);
  return `${why}${EFFECTS[decision.effectiveReason](direct)}.`;
}
