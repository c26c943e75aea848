import type { ExplainDto } from "#protocol/api/routing.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { explainDecision } from "#server/services/routing/explain-decision.ts";
import { getTunnelRow } from "./get-tunnel.ts";
import { decideTunnelMode } from "./tunnel-routing.ts";
import { parseTunnelSpec } from "./tunnel-spec.ts";
import { loadSurroundings, type ViewDeps } from "./tunnel-view.ts";

/**
 * Why a tunnel's traffic goes the way it goes.
 *
 * @throws AppError `not_found`
 */
export async function explainTunnel(
  deps: ViewDeps,
  actor: Actor,
  input: { readonly id: string },
): Promise<ExplainDto> {
  requireRole(actor, "viewer");
  const row = await getTunnelRow(deps.db, input.id);
  const around = await loadSurroundings(deps, deps.db, [row.clusterId]);
  const decision = decideTunnelMode(row, parseTunnelSpec(row.spec), around);
  return {
    desired: decision.desired,
    effective: decision.effective,
    reason: explainDecision(decision, decision.direct),
    effectiveReason: decision.effectiveReason,
    trace: [...decision.trace],
  };
}
