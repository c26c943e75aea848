import { ConnectionId } from "#protocol/api/ids.ts";
import { AppError } from "#protocol/errors.ts";
import { transaction } from "#server/db/db.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { CloseDeps } from "./close-connections.ts";

/**
 * Closes one open connection: its client is cut.
 *
 * @throws AppError `not_found` when it is not open (any more), `unavailable` while its relay cannot be reached, `forbidden`
 */
export async function closeConnection(
  deps: CloseDeps,
  actor: Actor,
  input: { readonly id: string },
): Promise<void> {
  requireRole(actor, "operator");
  const connection = deps.live.connections.find(input.id);
  if (connection === null) throw new AppError("not_found", "Connection is not open");
  if (deps.live.relays.find(connection.relayId)?.status !== "connected") {
    throw new AppError("unavailable", "The relay that carries it cannot be reached; try again");
  }
  const closed = await deps.relays.closeConnections(
    { connectionIds: [ConnectionId.parse(input.id)] },
    "closed_by_operator",
  );
  if (closed === 0) throw new AppError("not_found", "Connection is not open");
  // After the fact: what is closed cannot be rolled back, and nothing slow belongs into a transaction.
  const event = await transaction(deps.db, (tx) =>
    appendAudit(tx, {
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
    }),
  );
  deps.changes.publish(event);
}
