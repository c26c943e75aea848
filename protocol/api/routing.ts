import { z } from "zod";
import { Timestamp } from "./common.ts";

export const RoutingMode = z.enum(["direct", "tunnel", "dual"]);
export type RoutingMode = z.infer<typeof RoutingMode>;

export const ClusterType = z.enum(["public", "private", "unknown"]);
export type ClusterType = z.infer<typeof ClusterType>;

/** The rules of the decision table in their order; the first that matches wins. */
export const ROUTING_RULES = [
  "fleet_force_tunnel",
  "cluster_force_tunnel",
  "tunnel_force_tunnel",
  "operator_choice",
  "gateway_annotation",
  "agent_force_tunnel",
  "no_public_address",
  "agent_dual_mode",
  "default_direct",
] as const;

export const RoutingRule = z.enum(ROUTING_RULES);
export type RoutingRule = z.infer<typeof RoutingRule>;

export const TraceStep = z.object({
  rule: RoutingRule,
  matched: z.boolean(),
  /** What the rule asks for: null when it asks for nothing. */
  mode: RoutingMode.nullable(),
  /** The person, key, agent or object that set it; null when nobody did. */
  setBy: z.string().nullable(),
  setAt: Timestamp.nullable(),
});
export type TraceStep = z.infer<typeof TraceStep>;

/** Why the effective mode differs from, or equals, the desired one. */
export const EffectiveReason = z.enum([
  "as_desired",
  "direct_not_verified",
  "direct_not_answering",
  "direct_not_carried",
]);
export type EffectiveReason = z.infer<typeof EffectiveReason>;

export const ExplainDto = z.object({
  desired: RoutingMode,
  effective: RoutingMode,
  /** One plain sentence. */
  reason: z.string(),
  effectiveReason: EffectiveReason,
  trace: z.array(TraceStep),
});
export type ExplainDto = z.infer<typeof ExplainDto>;
