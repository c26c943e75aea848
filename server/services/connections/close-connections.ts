import type { z } from "zod";
import type { ClosedCount, CloseConnectionsQuery } from "#protocol/api/connections.ts";
import { ClusterId, TunnelId } from "#protocol/api/ids.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit, type AuditEntry } from "#server/services/audit/append-audit.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getTunnelRow } from "#server/services/tunnels/get-tunnel.ts";
import { tunnelName } from "#server/services/tunnels/tunnel-name.ts";

export type CloseDeps = Pick<ServiceContext, "db" | "now" | "changes" | "live" | "relays">;

/**
 * Closes all connections of a tunnel or a cluster that are open now.
 *
 * @throws AppError `not_found` when the tunnel or cluster is, `forbidden`
 */
export async function closeConnections(
  deps: CloseDeps,
  actor: Actor,
  input: z.infer<typeof CloseConnectionsQuery>,
): Promise<z.infer<typeof ClosedCount>> {
  requireRole(actor, "operator");
  const object = await findObject(deps, input);
  const closed = await deps.relays.closeConnections(
    {
      ...(input.tunnelId === undefined ? {} : { tunnelId: TunnelId.parse(input.tunnelId) }),
      ...(input.clusterId === undefined ? {} : { clusterId: ClusterId.parse(input.clusterId) }),
    },
    "closed_by_operator",
  );
  // After the fact: what is closed cannot be rolled back, and nothing slow belongs into a transaction.
  const event = await transaction(deps.db, (tx) =>
    appendAudit(tx, {
      actor,
      at: deps.now(),
      action: "connections.close",
      object,
      after: { closed },
    }),
  );
  deps.changes.publish(event);
  return { closed };
}

async function findObject(
  deps: CloseDeps,
  input: z.infer<typeof CloseConnectionsQuery>,
): Promise<AuditEntry["object"]> {
  if (input.tunnelId !== undefined) {
    const tunnel = await getTunnelRow(deps.db, input.tunnelId);
    if (input.clusterId !== undefined && tunnel.clusterId !== input.clusterId) {
      throw new AppError("not_found", "Tunnel not found");
    }
    return { kind: "tunnel", id: tunnel.id, name: tunnelName(tunnel) };
  }
  const cluster = await getClusterRow(deps.db, input.clusterId ?? "");
  return { kind: "cluster", id: cluster.id, name: cluster.name };
}
