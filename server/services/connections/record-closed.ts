import type { ClosedConnectionState } from "#protocol/relay/events.ts";
import { transaction } from "#server/db/db.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { OpenConnection } from "./live-connections.ts";

/** Rows in one statement: well below SQLite's bound on parameters. */
const BATCH_ROWS = 500;

export interface ClosedConnection extends ClosedConnectionState {
  readonly relayId: string;
}

/** Stores closed connections. Those stored already, from a snapshot that came twice, are left as they are. */
export async function recordClosedConnections(
  deps: Pick<ServiceContext, "db">,
  closed: readonly ClosedConnection[],
): Promise<void> {
  const unique = [...new Map(closed.map((connection) => [connection.id, connection])).values()];
  for (let start = 0; start < unique.length; start += BATCH_ROWS) {
    const batch = unique.slice(start, start + BATCH_ROWS);
    await transaction(deps.db, async (tx) => {
      const known = await tx.connection.findMany({
        where: { id: { in: batch.map(({ id }) => id) } },
        select: { id: true },
      });
      const ids = new Set(known.map(({ id }) => id));
      const data = batch.filter(({ id }) => !ids.has(id)).map(toRow);
      if (data.length > 0) await tx.connection.createMany({ data });
    });
  }
}

/** What is written down for connections that died with their relay process. */
export function toLost(connection: OpenConnection, at: Date): ClosedConnection {
  return {
    ...connection,
    closedAt: at.getTime(),
    closeReason: "relay_lost",
    closeDetail: null,
  };
}

function toRow(connection: ClosedConnection) {
  return {
    id: connection.id,
    tunnelId: connection.tunnelId,
    clusterId: connection.clusterId,
    agentId: connection.agentId,
    agentName: connection.agentName,
    via: connection.via,
    relayId: connection.relayId,
    clientAddress: connection.clientAddress,
    openedAt: new Date(connection.openedAt),
    lastActivityAt: new Date(connection.lastActivityAt),
    openLatencyMs: connection.openLatencyMs,
    bytesIn: BigInt(connection.bytesIn),
    bytesOut: BigInt(connection.bytesOut),
    closedAt: new Date(connection.closedAt),
    closeReason: connection.closeReason,
    closeDetail: connection.closeDetail,
    request: toText(connection.request),
    messages: toText(connection.messages),
  };
}

const toText = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);
