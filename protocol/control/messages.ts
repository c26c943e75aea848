import { z } from "zod";
import { AgentId, ClusterId, RelayId } from "../api/ids.ts";
import { ClusterResources } from "./cluster-resources.ts";
import { InventoryChange } from "./inventory-change.ts";
import { Inventory, InventoryPending } from "./inventory.ts";
import { Published } from "./published.ts";

const word = z.string().min(1).max(253);

/** Server → agent, its first message. `useYamux` is always true. */
const GatewayHello = z.object({
  protocolVersion: z.number().int(),
  useYamux: z.boolean(),
  yamux: z.object({ windowBytes: z.number().int(), keepAliveIntervalMs: z.number().int() }),
  capabilities: z.array(word).max(64),
  relayId: RelayId,
  /** All relay processes an agent should hold a link to. */
  relayIds: z.array(RelayId).max(256),
  heartbeatIntervalMs: z.number().int(),
  serverVersion: z.string().max(64),
});

const GatewayHelloAck = z.object({
  protocolVersion: z.number().int(),
  useYamux: z.boolean(),
  capabilities: z.array(word).max(64).default([]),
});

/** Agent → server, after the hello. Answered by `register_success` with the same `request_id`. */
const Register = z.object({
  /** CULVERT_AGENT_ID, else the host name. */
  agentId: word,
  /** One start of that agent: random. */
  instanceId: z.string().min(8).max(64),
  version: z.string().max(64),
  /** CULVERT_CLUSTER_NAME: for the logs; the token decides which cluster it is. */
  clusterName: z.string().max(253).nullable().default(null),
  startedAt: z.iso.datetime(),
  forceTunnelMode: z.boolean().default(false),
  dualModeEnabled: z.boolean().default(false),
  limits: z
    .object({ maxConnections: z.number().int(), connectionTimeoutMs: z.number().int() })
    .nullable()
    .default(null),
});

const RegisterSuccess = z.object({
  clusterId: ClusterId,
  clusterName: z.string(),
  agentId: AgentId,
});

const Heartbeat = z.object({
  streams: z.number().int(),
  uptimeSeconds: z.number(),
  memoryBytes: z.number().int(),
});

const ErrorMessage = z.object({ code: word, message: z.string().max(1_024) });

/** Every control message: what may travel in which direction, and its payload. */
export const CONTROL_MESSAGES = {
  gateway_hello: { from: "server", payload: GatewayHello },
  gateway_hello_ack: { from: "agent", payload: GatewayHelloAck },
  register: { from: "agent", payload: Register },
  register_success: { from: "server", payload: RegisterSuccess },
  heartbeat: { from: "agent", payload: Heartbeat },
  heartbeat_ack: { from: "server", payload: z.object({}) },
  inventory: { from: "agent", payload: Inventory },
  /** Only where both can `inventory_change`, and only on top of an inventory that was sent on the same link. */
  inventory_change: { from: "agent", payload: InventoryChange },
  /** In place of an `inventory` that is not complete, to servers that can `inventory_pending`. */
  inventory_pending: { from: "agent", payload: InventoryPending },
  /** Acknowledges an `inventory` or an `inventory_change`. */
  inventory_ack: { from: "server", payload: z.object({ generation: z.number().int() }) },
  /** Now and then, by one agent with a view of its cluster. */
  cluster_resources: { from: "agent", payload: ClusterResources },
  /** To agents that can `published`: after `register_success` and at every change. */
  published: { from: "server", payload: Published },
  /** "I am going away: open nothing new with me." Sent by both. */
  drain: { from: "both", payload: z.object({ reason: z.string().max(1_024) }) },
  /** One line of the agent's log that an operator should see. */
  log: {
    from: "agent",
    payload: z.object({ level: z.enum(["info", "warn", "error"]), message: z.string().max(1_024) }),
  },
  error: { from: "both", payload: ErrorMessage },
} as const;

export type ControlType = keyof typeof CONTROL_MESSAGES;
export type ControlPayload<T extends ControlType> = z.infer<
  (typeof CONTROL_MESSAGES)[T]["payload"]
>;
export type ControlMessage = {
  [T in ControlType]: {
    readonly type: T;
    readonly requestId: string | null;
    readonly payload: ControlPayload<T>;
  };
}[ControlType];
