import { z } from "zod";
import { ByteCounts, PageQuery, Timestamp, page } from "./common.ts";
import { AgentId, ClusterId, ConnectionId, RelayId, TunnelId } from "./ids.ts";

interface CloseReasonSpec {
  /** True when the connection never worked or was cut against the client's will. */
  readonly failed: boolean;
  /** Plain words for operators. */
  readonly label: string;
}

/** Every way a connection ends; label and colour in the dashboard and counters in metrics are read from here. */
export const CLOSE_REASONS = {
  completed: { failed: false, label: "Completed" },
  client_reset: { failed: false, label: "Client went away" },
  upstream_reset: { failed: true, label: "Service cut the connection" },
  route_timeout: { failed: true, label: "Answer took longer than its route allows" },
  dial_refused: { failed: true, label: "Service refused the connection" },
  dial_timeout: { failed: true, label: "Service did not answer in time" },
  dial_not_found: { failed: true, label: "Service name was not found" },
  dial_forbidden: { failed: true, label: "Agent may not dial this target" },
  dial_failed: { failed: true, label: "Agent could not reach the service" },
  no_backend: { failed: true, label: "No backend is ready" },
  agent_offline: { failed: true, label: "No agent was connected" },
  agent_lost: { failed: true, label: "The agent's link was lost" },
  moved_to_direct: { failed: false, label: "Asked to use the direct address" },
  idle_timeout: { failed: false, label: "Idle for too long" },
  limit_reached: { failed: true, label: "Connection limit reached" },
  closed_by_operator: { failed: false, label: "Closed by an operator" },
  tunnel_disabled: { failed: false, label: "Tunnel was switched off" },
  tunnel_withdrawn: { failed: true, label: "Tunnel is not published any more" },
  tunnel_removed: { failed: false, label: "Tunnel was removed" },
  relay_shutdown: { failed: true, label: "Relay shut down" },
  relay_lost: { failed: true, label: "Relay process died" },
} as const satisfies Record<string, CloseReasonSpec>;

export type CloseReason = keyof typeof CLOSE_REASONS;
export const CloseReason = z.enum(Object.keys(CLOSE_REASONS) as [CloseReason, ...CloseReason[]]);

/** How its bytes travel: through an agent, or dialled by the relay at the Gateway's own address. */
export const ConnectionVia = z.enum(["agent", "direct"]);
export type ConnectionVia = z.infer<typeof ConnectionVia>;

export const ConnectionDto = z.object({
  id: ConnectionId,
  tunnelId: TunnelId,
  clusterId: ClusterId,
  /** Null when no agent could be chosen. */
  agentId: AgentId.nullable(),
  agentName: z.string().nullable(),
  via: ConnectionVia,
  relayId: RelayId,
  clientAddress: z.string(),
  openedAt: Timestamp,
  lastActivityAt: Timestamp,
  /** From accept to the answer of the service, milliseconds; null while it is not answered. */
  openLatencyMs: z.number().nullable(),
  bytes: ByteCounts,
  /** Of HTTP tunnels only: what was asked for. The path is without its query. */
  request: z
    .object({
      method: z.string(),
      host: z.string(),
      path: z.string(),
      /** `websocket` or what else was agreed on; null for a plain request. */
      upgrade: z.string().nullable(),
    })
    .nullable(),
  /** WebSocket messages, `in` is client to service; null for anything else. */
  messages: z.object({ in: z.number().int(), out: z.number().int() }).nullable(),
  closedAt: Timestamp.nullable(),
  closeReason: CloseReason.nullable(),
  /** What the agent or the system said, in plain words; null when there is nothing to add. */
  closeDetail: z.string().nullable(),
});
export type ConnectionDto = z.infer<typeof ConnectionDto>;
export const ConnectionPage = page(ConnectionDto);

export const ConnectionListQuery = PageQuery.extend({
  tunnelId: TunnelId.optional(),
  clusterId: ClusterId.optional(),
  state: z.enum(["open", "closed"]).default("open"),
});
export type ConnectionListQuery = z.infer<typeof ConnectionListQuery>;

export const CloseConnectionsQuery = z
  .strictObject({ tunnelId: TunnelId.optional(), clusterId: ClusterId.optional() })
  .refine((q) => q.tunnelId !== undefined || q.clusterId !== undefined, {
    message: "name a tunnelId or a clusterId",
  });
export const ClosedCount = z.object({ closed: z.number().int() });
