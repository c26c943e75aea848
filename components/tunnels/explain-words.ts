import { formatMoment } from "#components/lib/format.ts";
import type { EffectiveReason, ExplainDto, RoutingRule, TraceStep } from "#protocol/api/routing.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { MODES } from "./tunnel-words.ts";

interface RuleWords {
  /** In the table of all rules. */
  readonly name: string;
  /** After the mode: "Tunnel, because …". */
  readonly because: string;
  /** After "Without it: dual, …". */
  readonly short: string;
}

export const RULES: Record<RoutingRule, RuleWords> = {
  fleet_force_tunnel: {
    name: "Fleet is forced through the tunnel",
    because: "because the whole fleet is forced",
    short: "forced for the fleet",
  },
  cluster_force_tunnel: {
    name: "Cluster is forced through the tunnel",
    because: "because the cluster is forced",
    short: "forced by the cluster",
  },
  tunnel_force_tunnel: {
    name: "Tunnel is forced",
    because: "because this tunnel is forced",
    short: "forced on this tunnel",
  },
  operator_choice: {
    name: "An operator chose a mode",
    because: "as chosen on this tunnel",
    short: "chosen on this tunnel",
  },
  gateway_annotation: {
    name: "The Gateway's annotation asks for a mode",
    because: "as the Gateway's annotation asks",
    short: "by the Gateway's annotation",
  },
  agent_force_tunnel: {
    name: "The agent is set to force the tunnel",
    because: "because the agent is set to it",
    short: "set on the agent",
  },
  no_public_address: {
    name: "The cluster has no public address",
    because: "because the cluster has no public address",
    short: "the cluster has no public address",
  },
  agent_dual_mode: {
    name: "The agent is set to dual mode",
    because: "because the agent is set to it",
    short: "set on the agent",
  },
  default_direct: {
    name: "Otherwise: direct",
    because: "because no rule asks for anything else",
    short: "no rule asks for anything else",
  },
};

const CARRIED: Record<EffectiveReason, ((address: string, since: string) => string) | null> = {
  as_desired: null,
  direct_not_verified: (address) =>
    `${address} has not answered steadily yet, so the tunnel carries the traffic.`,
  direct_not_answering: (address, since) =>
    `${address} has not answered${since}, so the tunnel carries the traffic.`,
  direct_not_carried: () =>
    "There is no direct address that clients could reach, so the tunnel carries the traffic.",
};

const OVERRIDES: ReadonlySet<RoutingRule> = new Set([
  "fleet_force_tunnel",
  "cluster_force_tunnel",
  "tunnel_force_tunnel",
  "operator_choice",
]);

export interface WhyWords {
  readonly isForced: boolean;
  /** "Tunnel, because the cluster is forced." */
  readonly headline: string;
  /** "Set on prod-frankfurt by ops@example.com at 14:02." */
  readonly setBy: string | null;
  /** Why the traffic goes another way than wanted. */
  readonly carried: string | null;
  /** What would hold without what decided; null where nothing was overridden. */
  readonly without: { readonly mode: string; readonly why: string } | null;
}

type Explained = Pick<TunnelDto, "clusterName" | "direct">;

/** The decision in plain words. */
export function explainWords(
  explain: ExplainDto,
  { clusterName, direct }: Explained,
  now: number,
): WhyWords {
  const index = explain.trace.findIndex(({ mode }) => mode !== null);
  const winner = explain.trace[index];
  const rule = winner?.rule ?? "default_direct";
  return {
    isForced: rule.endsWith("force_tunnel") && rule !== "agent_force_tunnel",
    headline: `${MODES[explain.desired].label}, ${RULES[rule].because}.`,
    setBy: winner === undefined ? null : setBySentence(winner, clusterName, now),
    carried: carriedWords(explain.effectiveReason, direct, now),
    without: OVERRIDES.has(rule) ? withoutIt(explain.trace.slice(index + 1)) : null,
  };
}

function carriedWords(
  reason: EffectiveReason,
  direct: TunnelDto["direct"],
  now: number,
): string | null {
  const since = direct === null ? "" : ` since ${formatMoment(direct.since, now)}`;
  return CARRIED[reason]?.(direct?.address ?? "Its direct address", since) ?? null;
}

function setBySentence(step: TraceStep, clusterName: string, now: number): string | null {
  if (step.setBy === null) return null;
  const where: Partial<Record<RoutingRule, string>> = {
    fleet_force_tunnel: " for the fleet",
    cluster_force_tunnel: ` on ${clusterName}`,
  };
  const when = step.setAt === null ? "" : ` at ${formatMoment(step.setAt, now)}`;
  return `Set${where[step.rule] ?? ""} by ${step.setBy}${when}.`;
}

function withoutIt(rest: readonly TraceStep[]): WhyWords["without"] {
  const next = rest.find(({ mode }) => mode !== null);
  if (next?.mode == null) return null;
  return { mode: MODES[next.mode].label.toLowerCase(), why: RULES[next.rule].short };
}
