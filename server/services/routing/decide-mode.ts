import type {
  ClusterType,
  EffectiveReason,
  RoutingMode,
  RoutingRule,
  TraceStep,
} from "#protocol/api/routing.ts";

/** Who asked for something, and when. */
export interface SetBy {
  readonly setBy: string;
  readonly setAt: Date | null;
}

/** Everything the decision depends on. Null = nobody asked. */
export interface RoutingFacts {
  readonly fleetForce: SetBy | null;
  readonly clusterForce: SetBy | null;
  readonly tunnelForce: SetBy | null;
  readonly operatorChoice: (SetBy & { readonly mode: RoutingMode }) | null;
  readonly annotation: (SetBy & { readonly mode: RoutingMode }) | null;
  readonly agentForce: SetBy | null;
  readonly clusterType: ClusterType;
  /** The Gateway names an address that clients outside could reach. */
  readonly hasPublicAddress: boolean;
  readonly agentDual: SetBy | null;
  /** What dialling the direct endpoint showed: we never believe an address that only was reported. */
  readonly direct: "unverified" | "verified" | "not_answering";
}

export interface RoutingDecision {
  readonly desired: RoutingMode;
  readonly effective: RoutingMode;
  /** The first rule that matched. */
  readonly rule: RoutingRule;
  readonly effectiveReason: EffectiveReason;
  /** All rules in their order; only the first that matched decided. */
  readonly trace: readonly TraceStep[];
}

interface Verdict extends Partial<SetBy> {
  /** Null: the rule asks for nothing. */
  readonly mode: RoutingMode | null;
}

const NOTHING: Verdict = { mode: null };
const tunnelIf = (set: SetBy | null): Verdict =>
  set === null ? NOTHING : { mode: "tunnel", ...set };

/** The decision table: rows in order, the first that asks for a mode wins. */
const RULES: readonly (readonly [RoutingRule, (facts: RoutingFacts) => Verdict])[] = [
  ["fleet_force_tunnel", (facts) => tunnelIf(facts.fleetForce)],
  ["cluster_force_tunnel", (facts) => tunnelIf(facts.clusterForce)],
  ["tunnel_force_tunnel", (facts) => tunnelIf(facts.tunnelForce)],
  ["operator_choice", (facts) => facts.operatorChoice ?? NOTHING],
  ["gateway_annotation", (facts) => facts.annotation ?? NOTHING],
  ["agent_force_tunnel", (facts) => tunnelIf(facts.agentForce)],
  [
    "no_public_address",
    (facts) =>
      facts.clusterType === "private" || !facts.hasPublicAddress ? { mode: "tunnel" } : NOTHING,
  ],
  [
    "agent_dual_mode",
    (facts) => (facts.agentDual === null ? NOTHING : { mode: "dual", ...facts.agentDual }),
  ],
  ["default_direct", () => ({ mode: "direct" })],
];

/**
 * Decides how a tunnel's traffic is routed, and says why.
 *
 * Pure: the same facts always give the same decision, and the trace holds all of them.
 */
export function decideMode(facts: RoutingFacts): RoutingDecision {
  const trace = RULES.map(([rule, judge]): TraceStep => {
    const verdict = judge(facts);
    return {
      rule,
      matched: verdict.mode !== null,
      mode: verdict.mode,
      setBy: verdict.setBy ?? null,
      setAt: verdict.setAt?.toISOString() ?? null,
    };
  });
  const winner = trace.find((step) => step.mode !== null);
  const desired = winner?.mode ?? "direct";
  const effectiveReason = judgeDirect(desired, facts);
  return {
    desired,
    effective: effectiveReason === "as_desired" ? desired : "tunnel",
    rule: winner?.rule ?? "default_direct",
    effectiveReason,
    trace,
  };
}

function judgeDirect(desired: RoutingMode, facts: RoutingFacts): EffectiveReason {
  if (desired === "tunnel" || facts.direct === "verified") return "as_desired";
  if (!facts.hasPublicAddress) return "direct_not_carried";
  return facts.direct === "not_answering" ? "direct_not_answering" : "direct_not_verified";
}

const FORCE_RULES: ReadonlySet<RoutingRule> = new Set([
  "fleet_force_tunnel",
  "cluster_force_tunnel",
  "tunnel_force_tunnel",
]);

/** True when one of the three force rules decided. */
export function isForced(decision: RoutingDecision): boolean {
  return FORCE_RULES.has(decision.rule);
}
