import type { z } from "zod";
import { ConnectionDto } from "#protocol/api/connections.ts";
import {
  ConnectionRequest,
  MessageCounts,
  type ClosedConnectionState,
} from "#protocol/relay/events.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import type { OpenConnection } from "./live-connections.ts";

export type ConnectionRow = Prisma.ConnectionGetPayload<object>;

const iso = (ms: number): string => new Date(ms).toISOString();

export function toOpenConnectionDto(connection: OpenConnection): ConnectionDto {
  return ConnectionDto.parse({
    ...identityOf(connection),
    openedAt: iso(connection.openedAt),
    lastActivityAt: iso(connection.lastActivityAt),
    bytes: { in: connection.bytesIn, out: connection.bytesOut },
    closedAt: null,
    closeReason: null,
    closeDetail: null,
  });
}

/** For live viewers: what a relay said when a connection closed. */
export function toClosedConnectionDto(
  relayId: string,
  connection: ClosedConnectionState,
): ConnectionDto {
  return ConnectionDto.parse({
    ...identityOf({ ...connection, relayId }),
    openedAt: iso(connection.openedAt),
    lastActivityAt: iso(connection.lastActivityAt),
    bytes: { in: connection.bytesIn, out: connection.bytesOut },
    closedAt: iso(connection.closedAt),
    closeReason: connection.closeReason,
    closeDetail: connection.closeDetail,
  });
}

export function toStoredConnectionDto(row: ConnectionRow): ConnectionDto {
  return ConnectionDto.parse({
    ...identityOf({
      ...row,
      request: parse(ConnectionRequest, row.request),
      messages: parse(MessageCounts, row.messages),
    }),
    openedAt: row.openedAt.toISOString(),
    lastActivityAt: row.lastActivityAt.toISOString(),
    bytes: { in: Number(row.bytesIn), out: Number(row.bytesOut) },
    closedAt: row.closedAt.toISOString(),
    closeReason: row.closeReason,
    closeDetail: row.closeDetail,
  });
}

function parse<T extends z.ZodType>(schema: T, text: string | null): z.output<T> | null {
  return text === null ? null : schema.parse(JSON.parse(text));
}

interface Identity {
  readonly id: string;
  readonly tunnelId: string;
  readonly clusterId: string;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly via: string;
  readonly relayId: string;
  readonly clientAddress: string;
  readonly openLatencyMs: number | null;
  readonly request?: ConnectionDto["request"];
  readonly messages?: ConnectionDto["messages"];
}

function identityOf(from: Identity) {
  const {
    id,
    tunnelId,
    clusterId,
    agentId,
    agentName,
    via,
    relayId,
    clientAddress,
    openLatencyMs,
    request = null,
    messages = null,
  } = from;
  return {
    id,
    tunnelId,
    clusterId,
    agentId,
    agentName,
    via,
    relayId,
    clientAddress,
    openLatencyMs,
    request,
    messages,
  };
}
