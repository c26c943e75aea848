import { z } from "zod";
import { AuditEventDto } from "../api/audit.ts";
import { ClusterDto } from "../api/clusters.ts";
import { ByteCounts } from "../api/common.ts";
import { ConnectionDto } from "../api/connections.ts";
import { ConnectionId } from "../api/ids.ts";
import { HttpRequestDto } from "../api/requests.ts";
import { SettingsDto } from "../api/settings.ts";
import { TunnelDto } from "../api/tunnels.ts";

export const LIVE_NAMESPACE = "/live";
/** Rooms one socket may hold. */
export const LIVE_ROOMS_MAX = 64;

export const LiveRoom = z
  .string()
  .max(60)
  .regex(/^(fleet|cluster:cl_[0-9a-z]+|tunnel:tn_[0-9a-z]+)$/);
export type LiveRoom = z.infer<typeof LiveRoom>;

/** `scope` is a room's name: `fleet`, `cluster:<id>` or `tunnel:<id>`. */
export const LiveMetric = z.object({
  /** Milliseconds since the epoch, end of the second measured. */
  at: z.number(),
  scope: LiveRoom,
  bytesInPerSecond: z.number(),
  bytesOutPerSecond: z.number(),
  /** Of an HTTP tunnel its requests in flight; in clusters and the fleet only those that are in the table of connections. */
  connectionsOpen: z.number().int(),
  /** Since the scope's point before, as what follows: exact where rates are rounded. */
  connectionsOpened: z.number().int(),
  connectionsFailed: z.number().int(),
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
});
export type LiveMetric = z.infer<typeof LiveMetric>;

export const LiveConnections = z.object({
  opened: z.array(ConnectionDto),
  closed: z.array(ConnectionDto),
  changed: z.array(
    z.object({
      id: ConnectionId,
      bytes: ByteCounts,
      /** Of WebSockets only, as ConnectionDto has them. */
      messages: z.object({ in: z.number().int(), out: z.number().int() }).exactOptional(),
    }),
  ),
});
export type LiveConnections = z.infer<typeof LiveConnections>;

/** The object is gone: tunnels and clusters are otherwise always sent whole, as the API shows them. */
export const LiveRemoved = z.object({ kind: z.enum(["tunnel", "cluster"]), id: z.string() });
export type LiveRemoved = z.infer<typeof LiveRemoved>;

/** Parsed by the browser on arrival, and checked in tests of the publisher. */
export const LIVE_EVENTS = {
  metrics: z.array(LiveMetric),
  connections: LiveConnections,
  tunnel: TunnelDto,
  cluster: ClusterDto,
  removed: LiveRemoved,
  requests: z.array(HttpRequestDto),
  audit: AuditEventDto,
  settings: SettingsDto,
} as const;

export interface LiveServerToClient {
  metrics: (payload: LiveMetric[]) => void;
  connections: (payload: LiveConnections) => void;
  tunnel: (payload: TunnelDto) => void;
  cluster: (payload: ClusterDto) => void;
  removed: (payload: LiveRemoved) => void;
  /** To the room of their tunnel alone, oldest first, at most once a second. */
  requests: (payload: HttpRequestDto[]) => void;
  audit: (payload: AuditEventDto) => void;
  settings: (payload: SettingsDto) => void;
}

export const SubscribeBody = z.strictObject({
  rooms: z.array(LiveRoom).min(1).max(LIVE_ROOMS_MAX),
});
export type SubscribeBody = z.infer<typeof SubscribeBody>;
export type SubscribeAck =
  { ok: true; rooms: string[] } | { ok: false; code: string; message: string };

export interface LiveClientToServer {
  subscribe: (body: SubscribeBody, ack: (answer: SubscribeAck) => void) => void;
  unsubscribe: (body: SubscribeBody, ack: (answer: SubscribeAck) => void) => void;
}
