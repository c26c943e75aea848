import type { EffectiveReason, RoutingRule, TraceStep } from "#protocol/api/routing.ts";
import type { RoutingDecision } from "./decide-mode.ts";

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

const EFFECTS: Readonly<Record<EffectiveReason, string>> = {
  as_desired: "",
  direct_not_verified:
    "; its direct address is not verified yet, so the tunnel carries the traffic",
  direct_not_answering: "; its direct address does not answer, so the tunnel carries the traffic",
  direct_not_carried: "; there is no direct address, so the tunnel carries the traffic",
};

/** One plain sentence: why this mode is in force. */
export function explainDecision(decision: RoutingDecision): string {
  const step = decision.trace.find(({ rule }) => rule === decision.rule);
  const why = step === undefined ? "" : SENTENCES[decision.rule](step);
  return `${why}${EFFECTS[decision.effectiveReason]}.`;
}
