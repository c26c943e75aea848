import type { z } from "zod";
import type { ClosedCount, CloseConnectionsQuery } from "#protocol/api/connections.ts";
import { ClusterId, ConnectionId, TunnelId } from "#protocol/api/ids.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit, type AuditEntry } from "#server/services/audit/append-audit.ts";
import { getClusterRow } from "#server/services/clusters/get-cluster.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { getTunnelRow } from "#server/services/tunnels/get-tunnel.ts";
import { tunnelName } from "#server/services/tunnels/tunnel-name.ts";

type CloseDeps = Pick<ServiceContext, "db" | "now" | "changes" | "live" | "relays">;

/**
 * Closes one open connection: its client is cut.
 *
 * @throws AppError `not_found` when it is not open (any more), `forbidden`
 */
export async function closeConnection(
  deps: CloseDeps,
  actor: Actor,
  input: { readonly id: string },
): Promise<void> {
  requireRole(actor, "operator");
  const connection = deps.live.connections.find(input.id);
  if (connection === null) throw new AppError("not_found", "Connection is not open");
  const closed = await deps.relays.closeConnections(
    { connectionIds: [ConnectionId.parse(input.id)] },
    "closed_by_operator",
  );
  if (closed === 0) throw new AppError("not_found", "Connection is not open");
  await writeDown(deps, {
    actor,
    at: deps.now(),
    action: "connection.close",
    object: { kind: "connection", id: connection.id, name: connection.clientAddress },
    before: {
      tunnelId: connection.tunnelId,
      clusterId: connection.clusterId,
      clientAddress: connection.clientAddress,
      bytesIn: connection.bytesIn,
      bytesOut: connection.bytesOut,
    },
  });
}

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
  await writeDown(deps, {
    actor,
    at: deps.now(),
    action: "connections.close",
    object,
    after: { closed },
  });
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

// After the fact: what is closed cannot be rolled back, and nothing slow belongs into a transaction.
async function writeDown(deps: CloseDeps, entry: AuditEntry): Promise<void> {
  deps.changes.publish(await transaction(deps.db, (tx) => appendAudit(tx, entry)));
}
