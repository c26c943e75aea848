import { z } from "zod";
import { ByteCounts, DisplayName, PageQuery, Timestamp, page } from "./common.ts";
import { AgentId, ClusterId, RelayId, TokenId } from "./ids.ts";
import { ClusterType } from "./routing.ts";
import { ClusterResources } from "../control/cluster-resources.ts";
import { GatewayApiStatus } from "../control/inventory.ts";

/** `waiting` no agent was ever seen · `degraded` some of its agents or relays are missing. */
export const ClusterStatus = z.enum(["waiting", "connected", "degraded", "offline"]);
export type ClusterStatus = z.infer<typeof ClusterStatus>;

export const ForceTunnelState = z.object({
  setBy: z.string(),
  setAt: Timestamp,
});

export const ClusterDto = z.object({
  id: ClusterId,
  name: z.string(),
  status: ClusterStatus,
  type: ClusterType,
  forceTunnel: z.boolean(),
  /** Who forced it and when; null while it is not forced. */
  forcedBy: ForceTunnelState.nullable(),
  agents: z.object({ connected: z.number().int(), total: z.number().int() }),
  kubernetesVersion: z.string().nullable(),
  /** How its agents discover: `files`, `kubernetes`, `expose`; null before the first inventory. */
  discovery: z.string().nullable(),
  tunnels: z.object({ active: z.number().int(), total: z.number().int() }),
  connections: z.object({ open: z.number().int() }),
  bytes: ByteCounts,
  lastSeenAt: Timestamp.nullable(),
  createdAt: Timestamp,
});
export type ClusterDto = z.infer<typeof ClusterDto>;
export const ClusterPage = page(ClusterDto);

export const CreateClusterBody = z.strictObject({ name: DisplayName });
export type CreateClusterBody = z.infer<typeof CreateClusterBody>;

/** The token is shown here once and never again. */
export const CreatedCluster = z.object({
  cluster: ClusterDto,
  tokenId: TokenId,
  token: z.string(),
});
export type CreatedCluster = z.infer<typeof CreatedCluster>;

export const PatchClusterBody = z
  .strictObject({ name: DisplayName.optional(), forceTunnel: z.boolean().optional() })
  .refine((body) => Object.keys(body).length > 0, "must change something");
export type PatchClusterBody = z.infer<typeof PatchClusterBody>;

export const AgentRelayDto = z.object({
  relayId: RelayId,
  /** Round trip of the last mux ping, milliseconds. */
  rttMs: z.number().nullable(),
  since: Timestamp,
});

export const AgentDto = z.object({
  id: AgentId,
  clusterId: ClusterId,
  /** What the agent calls itself (CULVERT_AGENT_ID, else its host name). */
  name: z.string(),
  instanceId: z.string(),
  version: z.string(),
  capabilities: z.array(z.string()),
  relays: z.array(AgentRelayDto),
  streams: z.number().int(),
  status: z.enum(["connected", "draining", "offline"]),
  /** Why it reports nothing, or nothing new, in plain words; null while it does. */
  pending: z.string().nullable(),
  startedAt: Timestamp,
  lastSeenAt: Timestamp,
});
export type AgentDto = z.infer<typeof AgentDto>;
export const AgentPage = page(AgentDto);

/** Rejections are kept in memory so that "having trouble?" can say what the server saw. */
export const AgentRefusalDto = z.object({
  at: Timestamp,
  /** Close code or HTTP status, see docs/protocol.md. */
  code: z.number().int(),
  reason: z.string(),
  address: z.string(),
});
export type AgentRefusalDto = z.infer<typeof AgentRefusalDto>;
export const AgentRefusalPage = page(AgentRefusalDto);

export const TokenDto = z.object({
  id: TokenId,
  clusterId: ClusterId,
  /** First characters of the token, to recognise it. */
  prefix: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable(),
  revokedAt: Timestamp.nullable(),
});
export type TokenDto = z.infer<typeof TokenDto>;
export const TokenPage = page(TokenDto);

export const CreateTokenBody = z.strictObject({
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});
export const CreatedToken = z.object({ token: z.string(), tokenId: TokenId, item: TokenDto });
export type CreatedToken = z.infer<typeof CreatedToken>;

export const GatewayRouteDto = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  accepted: z.boolean(),
  reason: z.string(),
  message: z.string(),
});

export const GatewayBackendDto = z.object({
  namespace: z.string(),
  name: z.string(),
  port: z.number().int(),
  weight: z.number().int(),
  ready: z.boolean(),
  reason: z.string().nullable(),
});

export const GatewayDto = z.object({
  clusterId: ClusterId,
  namespace: z.string(),
  name: z.string(),
  addresses: z.array(z.string()),
  listeners: z.array(
    z.object({
      name: z.string(),
      port: z.number().int(),
      protocol: z.string(),
      hostnames: z.array(z.string()),
      routes: z.array(GatewayRouteDto),
      backends: z.array(GatewayBackendDto),
      tunnelId: z.string().nullable(),
      /** Why no tunnel is published, in plain words; null when one is. */
      problem: z.string().nullable(),
      /** The Gateway API's reason code for that, where it has one. */
      problemCode: z.string().nullable(),
    }),
  ),
});
export type GatewayDto = z.infer<typeof GatewayDto>;

/** Something the agent could not read or accept, with where it stands. */
export const DiscoveryProblemDto = z.object({
  agentId: AgentId,
  where: z.string(),
  reason: z.string(),
  /** The Gateway API's reason code, where it has one. */
  code: z.string().nullable().default(null),
});
export const GatewayListDto = z.object({
  items: z.array(GatewayDto),
  nextCursor: z.string().nullable(),
  problems: z.array(DiscoveryProblemDto),
});
export type GatewayListDto = z.infer<typeof GatewayListDto>;

/** What a cluster consists of, as its newest agents told it. */
export const ClusterDetailsDto = z.object({
  clusterId: ClusterId,
  /** Null until an agent with a view of the Kubernetes API has reported. */
  resources: ClusterResources.nullable(),
  /** Which versions of the Gateway API are in use; null where no agent reads one. */
  gatewayApi: GatewayApiStatus.nullable(),
  /** Addresses of LoadBalancer Services. */
  loadBalancers: z.array(z.string()),
});
export type ClusterDetailsDto = z.infer<typeof ClusterDetailsDto>;

export const ClusterListQuery = PageQuery.extend({ q: z.string().max(200).optional() });
