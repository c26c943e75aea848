import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { WITH_CLUSTER_AND_LEASE } from "./tunnel-row.ts";
import { viewTunnels, type ViewDeps } from "./tunnel-view.ts";

/** @returns those of these tunnels that exist, in any order, with as many queries as one would take. */
export async function findTunnels(
  deps: ViewDeps,
  actor: Actor,
  input: { readonly ids: readonly string[] },
): Promise<readonly TunnelDto[]> {
  requireRole(actor, "viewer");
  const rows = await deps.db.tunnel.findMany({
    where: { id: { in: [...input.ids] } },
    include: WITH_CLUSTER_AND_LEASE,
  });
  return await viewTunnels(deps, rows);
}
