import { z } from "zod";
import { EdgeErrorCode, HTTP_LATENCY_BOUNDS_MS } from "../api/http-figures.ts";
import { CloseReason, ConnectionVia } from "../api/connections.ts";
import { AgentId, ClusterId, ConnectionId, TokenId, TunnelId } from "../api/ids.ts";
import { ClusterResources } from "../control/cluster-resources.ts";
import { InventoryChange } from "../control/inventory-change.ts";
import { Inventory, InventoryPending } from "../control/inventory.ts";

/** All times in this file are milliseconds since the epoch. */
const at = z.number();

/** One agent link that is ready. */
export const LinkState = z.object({
  linkId: z.string(),
  clusterId: ClusterId,
  agentId: AgentId,
  agentName: z.string(),
  instanceId: z.string(),
  version: z.string(),
  capabilities: z.array(z.string()),
  tokenId: TokenId,
  address: z.string(),
  since: at,
  startedAt: at,
  draining: z.boolean(),
  rttMs: z.number().nullable(),
  streams: z.number().int(),
  lastSeenAt: at,
  forceTunnelMode: z.boolean(),
  dualModeEnabled: z.boolean(),
  /** Why its agent reports nothing, or nothing new; null while it does. */
  pending: InventoryPending.shape.problems.nullable().default(null),
});
export type LinkState = z.infer<typeof LinkState>;

/** What a client of an HTTP tunnel asked for. */
export const ConnectionRequest = z.object({
  method: z.string().max(64),
  host: z.string().max(253),
  /** Without the query, which may hold secrets; cut to its bound. */
  path: z.string().max(512),
  /** `websocket` or what else was agreed on; null for a plain request. */
  upgrade: z.string().max(64).nullable(),
});
export type ConnectionRequest = z.infer<typeof ConnectionRequest>;

/** WebSocket messages; `in` is client to service. */
export const MessageCounts = z.object({ in: z.number().int(), out: z.number().int() });
export type MessageCounts = z.infer<typeof MessageCounts>;

export const ConnectionState = z.object({
  id: ConnectionId,
  tunnelId: TunnelId,
  clusterId: ClusterId,
  agentId: AgentId.nullable(),
  agentName: z.string().nullable(),
  /** `direct` when the relay dialled the Gateway's own address because no agent could take it. */
  via: ConnectionVia,
  clientAddress: z.string(),
  openedAt: at,
  lastActivityAt: at,
  /** Until the service answered; of HTTP with the head of its answer. Null while it has not. */
  openLatencyMs: z.number().nullable(),
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
  /** Of HTTP tunnels only. */
  request: ConnectionRequest.exactOptional(),
  /** Of WebSockets only. */
  messages: MessageCounts.exactOptional(),
});
export type ConnectionState = z.infer<typeof ConnectionState>;

export const ClosedConnectionState = ConnectionState.extend({
  closedAt: at,
  closeReason: CloseReason,
  closeDetail: z.string().nullable(),
});
export type ClosedConnectionState = z.infer<typeof ClosedConnectionState>;

/** What a UDP tunnel did, datagram by datagram. */
export const DatagramCounts = z.object({
  /** Client to service. */
  in: z.number().int(),
  out: z.number().int(),
  /** Either way, by rule: no room, too many of one source, an answer too large for an unproven one. */
  dropped: z.number().int(),
});
export type DatagramCounts = z.infer<typeof DatagramCounts>;

/** What an HTTP tunnel did, request by request. */
export const HttpCounts = z.object({
  /** Answers by class: 1xx (upgrades granted), 2xx, 3xx, 4xx, 5xx; ours included. Clients that left before one are in none. */
  classes: z.array(z.number().int()).length(5),
  /** Answers by time from the head of the request to the head of the answer, one count for each bound of HTTP_LATENCY_BOUNDS_MS and one above. */
  latency: z.array(z.number().int()).length(HTTP_LATENCY_BOUNDS_MS.length + 1),
  /** Those times together, microseconds. */
  latencySumUs: z.number().int(),
  messages: MessageCounts,
});
export type HttpCounts = z.infer<typeof HttpCounts>;

/** Characters of what is told about a request that Culvert answered itself. */
export const REQUEST_DETAIL_MAX = 300;

/** One request that is over, as its tunnel's page lists it. */
export const HttpRequestRecord = z.object({
  id: ConnectionId,
  tunnelId: TunnelId,
  /** When its head had come. */
  at,
  request: ConnectionRequest,
  clientAddress: z.string().max(128),
  /** Null when the client left before there was an answer. */
  status: z.number().int().nullable(),
  /** Why Culvert answered itself, or, where the service did, why its answer broke off; null when all went well. */
  error: EdgeErrorCode.nullable(),
  /** More about that, for operators: `connection refused by 10.1.2.3:8080`. */
  detail: z.string().max(REQUEST_DETAIL_MAX).nullable(),
  /** How it ended in the words of the connection table. */
  closeReason: CloseReason,
  /** `shop/web:8080`; null when none was chosen. */
  backend: z.string().max(600).nullable(),
  /** The head of the answer is the service's, whatever came later: not so where a route redirects, or Culvert answered itself. */
  isServed: z.boolean(),
  /** From the head of the request to the head of the answer, milliseconds. */
  firstByteMs: z.number().nullable(),
  /** To the end of the answer, milliseconds. */
  durationMs: z.number(),
  /** Bodies; of upgrades all that followed the heads. */
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
});
export type HttpRequestRecord = z.infer<typeof HttpRequestRecord>;

/** Absolute since the relay process started. */
export const TunnelCounters = z.object({
  tunnelId: TunnelId,
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
  opened: z.number().int(),
  failed: z.number().int(),
  open: z.number().int(),
  /** Of UDP tunnels only. */
  datagrams: DatagramCounts.exactOptional(),
  /** Of HTTP tunnels only. There `opened` counts requests and `open` those in flight, WebSockets among them. */
  http: HttpCounts.exactOptional(),
});
export type TunnelCounters = z.infer<typeof TunnelCounters>;

export const ListenerState = z.object({
  tunnelId: TunnelId,
  port: z.number().int(),
  state: z.enum(["listening", "stopped", "failed"]),
  /** For `failed`: `EADDRINUSE`, `EACCES` … in plain words. */
  reason: z.string().nullable(),
  since: at,
});
export type ListenerState = z.infer<typeof ListenerState>;

/** What dialling a tunnel's direct addresses showed. */
export const DirectState = z.object({
  tunnelId: TunnelId,
  /**
   * `unverified` never answered often enough · `verified` answers, and did so several times in a row ·
   * `not_answering` did answer once, and does not any more, or not steadily enough.
   */
  state: z.enum(["unverified", "verified", "not_answering"]),
  /** `host:port` that answers, or that was tried first; null when there is nothing to try. */
  address: z.string().nullable(),
  /** Time to connect at the last success, milliseconds. */
  rttMs: z.number().nullable(),
  /** Why it is not verified, in plain words; null when it is. */
  reason: z.string().nullable(),
  /** Since when it is in this state. */
  since: at,
});
export type DirectState = z.infer<typeof DirectState>;

/** A socket that was turned away. `clusterId` is null when the token was not known. */
export const AgentRefusal = z.object({
  at,
  clusterId: ClusterId.nullable(),
  code: z.number().int(),
  reason: z.string(),
  address: z.string(),
});
export type AgentRefusal = z.infer<typeof AgentRefusal>;

export const RelayEvent = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("link_opened"), link: LinkState }),
  /** Round trip, streams, draining … of a link that was opened before. */
  z.object({ kind: z.literal("link_changed"), link: LinkState }),
  z.object({
    kind: z.literal("link_closed"),
    linkId: z.string(),
    agentId: AgentId,
    clusterId: ClusterId,
    at,
    code: z.number().int(),
    reason: z.string(),
  }),
  z.object({
    kind: z.literal("inventory"),
    linkId: z.string(),
    agentId: AgentId,
    clusterId: ClusterId,
    instanceId: z.string(),
    inventory: Inventory,
  }),
  /** On top of what was said last of the same link: an `inventory`, an earlier change, or the snapshot. */
  z.object({
    kind: z.literal("inventory_change"),
    linkId: z.string(),
    agentId: AgentId,
    clusterId: ClusterId,
    change: InventoryChange,
  }),
  z.object({ kind: z.literal("connection_opened"), connection: ConnectionState }),
  /** The service answered: way, agent and latency are known. */
  z.object({
    kind: z.literal("connection_established"),
    id: ConnectionId,
    agentId: AgentId.nullable(),
    agentName: z.string().nullable(),
    via: ConnectionVia,
    openLatencyMs: z.number(),
  }),
  z.object({ kind: z.literal("connection_closed"), connection: ClosedConnectionState }),
  z.object({ kind: z.literal("listener"), listener: ListenerState }),
  z.object({ kind: z.literal("direct"), direct: DirectState }),
  z.object({
    kind: z.literal("cluster_resources"),
    agentId: AgentId,
    clusterId: ClusterId,
    resources: ClusterResources,
  }),
  z.object({ kind: z.literal("refusal"), refusal: AgentRefusal }),
  z.object({
    kind: z.literal("agent_log"),
    agentId: AgentId,
    clusterId: ClusterId,
    level: z.enum(["info", "warn", "error"]),
    message: z.string(),
  }),
]);
export type RelayEvent = z.infer<typeof RelayEvent>;
