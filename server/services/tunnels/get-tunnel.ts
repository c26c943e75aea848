import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { AppError } from "#protocol/errors.ts";
import type { Queries } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { WITH_CLUSTER_AND_LEASE, type TunnelRow } from "./tunnel-row.ts";
import { viewTunnels, type ViewDeps } from "./tunnel-view.ts";

/** @throws AppError `not_found` */
export async function getTunnelRow(db: Queries, id: string): Promise<TunnelRow> {
  const row = await db.tunnel.findUnique({ where: { id }, include: WITH_CLUSTER_AND_LEASE });
  if (row === null) throw new AppError("not_found", "Tunnel not found");
  return row;
}

/** @throws AppError `not_found` */
export async function getTunnel(
  deps: ViewDeps,
  actor: Actor,
  input: { readonly id: string },
): Promise<TunnelDto> {
  requireRole(actor, "viewer");
  const [tunnel] = await viewTunnels(deps, [await getTunnelRow(deps.db, input.id)]);
  if (tunnel === undefined) throw new AppError("not_found", "Tunnel not found");
  return tunnel;
}
