import { z } from "zod";
import { CloseReason } from "../api/connections.ts";
import { ClusterId, ConnectionId, RelayId, TunnelId } from "../api/ids.ts";
import { Inventory } from "../control/inventory.ts";
import { DesiredChange, DesiredState } from "./desired-state.ts";
import {
  AgentRefusal,
  ClosedConnectionState,
  ConnectionState,
  DirectState,
  HttpRequestRecord,
  LinkState,
  ListenerState,
  MessageCounts,
  RelayEvent,
  TunnelCounters,
} from "./events.ts";

/** Where the web process serves the channel, on its control socket. `Authorization: Bearer <channel secret>`. */
export const RELAY_CHANNEL_PATH = "/relay-channel";

export const CHANNEL_LIMITS = {
  /** One message either way, bytes. */
  messageBytes: 64 * 1024 * 1024,
  /** Connections closed while the web process was away that are kept for the next snapshot; the oldest go first. */
  closedMeanwhile: 10_000,
  /** Requests of HTTP tunnels that are told a second; of one tunnel at most `requestRecordsPerTunnel`. */
  requestRecords: 500,
  requestRecordsPerTunnel: 50,
  /** Events in one batch. */
  batch: 1_000,
  /** A request to a relay, milliseconds. */
  requestTimeoutMs: 10_000,
} as const;

/** Ids of open connections, or all of a tunnel, or all of a cluster. */
export const CloseConnectionsFilter = z.object({
  connectionIds: z.array(ConnectionId).max(10_000).optional(),
  tunnelId: TunnelId.optional(),
  clusterId: ClusterId.optional(),
});
export type CloseConnectionsFilter = z.infer<typeof CloseConnectionsFilter>;

/** Web process → relay process. */
export const ToRelay = z.discriminatedUnion("type", [
  z.object({ type: z.literal("desired"), generation: z.number().int(), state: DesiredState }),
  z.object({ type: z.literal("change"), generation: z.number().int(), change: DesiredChange }),
  z.object({
    type: z.literal("close_connections"),
    requestId: z.string(),
    filter: CloseConnectionsFilter,
    reason: CloseReason,
  }),
]);
export type ToRelay = z.infer<typeof ToRelay>;

/** Everything a relay knows, sent at every (re)connect right after the hello. */
export const RelaySnapshot = z.object({
  links: z.array(LinkState),
  inventories: z.array(z.object({ linkId: z.string(), inventory: Inventory })),
  connections: z.array(ConnectionState),
  closedMeanwhile: z.array(ClosedConnectionState),
  counters: z.array(TunnelCounters),
  listeners: z.array(ListenerState),
  direct: z.array(DirectState),
  refusals: z.array(AgentRefusal).max(200),
});
export type RelaySnapshot = z.infer<typeof RelaySnapshot>;

/** Relay process → web process. */
export const FromRelay = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    relayId: RelayId,
    /** One start of the process; counters are absolute within it. */
    instanceId: z.string(),
    pid: z.number().int(),
    version: z.string(),
    startedAt: z.number(),
  }),
  z.object({ type: z.literal("snapshot"), snapshot: RelaySnapshot }),
  z.object({ type: z.literal("events"), events: z.array(RelayEvent) }),
  /** Once a second: only what changed. */
  z.object({
    type: z.literal("counters"),
    at: z.number(),
    tunnels: z.array(TunnelCounters),
    connections: z.array(
      z.object({
        id: ConnectionId,
        bytesIn: z.number().int(),
        bytesOut: z.number().int(),
        lastActivityAt: z.number(),
        /** Of WebSockets only. */
        messages: MessageCounts.exactOptional(),
      }),
    ),
    /** The newest requests of HTTP tunnels that ended since the last message, oldest first. */
    requests: z.array(HttpRequestRecord).max(CHANNEL_LIMITS.requestRecords).exactOptional(),
    memoryBytes: z.number().int(),
  }),
  /** A generation was applied (listeners opened or failed, links closed). */
  z.object({ type: z.literal("applied"), generation: z.number().int() }),
  z.object({
    type: z.literal("response"),
    requestId: z.string(),
    closed: z.number().int(),
  }),
]);
export type FromRelay = z.infer<typeof FromRelay>;
