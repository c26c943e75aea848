import { z } from "zod";
import { ByteCounts, PageQuery, Timestamp, page } from "./common.ts";
import { ClusterId, TunnelId } from "./ids.ts";
import { RoutingMode } from "./routing.ts";

export const TunnelProtocol = z.enum(["tcp", "udp", "http", "tls"]);
export type TunnelProtocol = z.infer<typeof TunnelProtocol>;

export const TunnelPhase = z.enum(["pending", "active", "degraded", "closing"]);
export type TunnelPhase = z.infer<typeof TunnelPhase>;

export const EndpointDto = z.object({
  kind: z.enum(["relay", "direct", "edge"]),
  /** `host:port`. */
  address: z.string(),
  /** When it was last seen to answer: for relay endpoints when the listener was opened. */
  verifiedAt: Timestamp.nullable(),
  /** Why nothing listens there, one plain sentence; null while something does, or nobody has said. */
  problem: z.string().nullable(),
});
export type EndpointDto = z.infer<typeof EndpointDto>;

/** What the relay applies to every connection of a tunnel. Milliseconds and counts. */
export const TunnelPolicy = z.object({
  connectTimeoutMs: z.number().int(),
  idleTimeoutMs: z.number().int(),
  maxConnections: z.number().int(),
  /** How long connections may stay on the relay after the mode became direct; null = as long as they like. */
  directDrainMs: z.number().int().nullable(),
  /** HTTP: origins beside the tunnel's own names whose pages may open WebSockets. `https://app.example.com`, or `*.example.com` for every name below it. */
  allowedOrigins: z.array(z.string()),
});
export type TunnelPolicy = z.infer<typeof TunnelPolicy>;

/** `https://app.example.com`, with a port where there is one, or `*.example.com`. */
const AllowedOrigin = z
  .string()
  .max(300)
  .regex(
    /^(https?:\/\/[a-z0-9.-]+(:\d{1,5})?|\*\.[a-z0-9-]+(\.[a-z0-9-]+)*)$/,
    "must look like https://app.example.com or *.example.com",
  );

export const TunnelPolicyPatch = z.strictObject({
  connectTimeoutMs: z.number().int().min(1_000).max(300_000).nullable().optional(),
  idleTimeoutMs: z.number().int().min(10_000).max(604_800_000).nullable().optional(),
  maxConnections: z.number().int().min(1).max(10_000).nullable().optional(),
  directDrainMs: z.number().int().min(1_000).max(86_400_000).nullable().optional(),
  allowedOrigins: z.array(AllowedOrigin).max(32).nullable().optional(),
});
export type TunnelPolicyPatch = z.infer<typeof TunnelPolicyPatch>;

/** What the relays see of the Gateway's own address, where the mode asks for it. */
export const DirectStatusDto = z.object({
  /** `host:port`. */
  address: z.string(),
  state: z.enum(["unverified", "verified", "not_answering"]),
  /** Why it is not verified, in plain words; null when it is. */
  reason: z.string().nullable(),
  /** Time to connect at the last success, milliseconds. */
  rttMs: z.number().nullable(),
  since: Timestamp,
});
export type DirectStatusDto = z.infer<typeof DirectStatusDto>;

/** A host name of an HTTP tunnel's routes. */
export const HostnameDto = z.object({
  /** `shop.example.com` or `*.example.com`. */
  name: z.string(),
  /** Why requests for it do not come here, one plain sentence; null when they do. */
  problem: z.string().nullable(),
});
export type HostnameDto = z.infer<typeof HostnameDto>;

/** What an HTTP tunnel serves and how it does. Figures since the relay processes that run now were started. */
export const TunnelHttpDto = z.object({
  /** Where a browser opens it: `http://shop-1a2b3c4d.tunnel.localhost:8080/`. */
  siteUrl: z.string(),
  hostnames: z.array(HostnameDto),
  /** Answers by class of status; `1xx` are upgrades that were granted. */
  statusClasses: z.object({
    "1xx": z.number().int(),
    "2xx": z.number().int(),
    "3xx": z.number().int(),
    "4xx": z.number().int(),
    "5xx": z.number().int(),
  }),
  /** Time to the head of the answer in the last five minutes, milliseconds; null while nobody asked. */
  latencyMs: z.object({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable(),
  /** WebSocket messages; `in` is client to service. */
  messages: z.object({ in: z.number().int(), out: z.number().int() }),
  webSocketsOpen: z.number().int(),
});
export type TunnelHttpDto = z.infer<typeof TunnelHttpDto>;

export const TunnelDto = z.object({
  id: TunnelId,
  clusterId: ClusterId,
  clusterName: z.string(),
  protocol: TunnelProtocol,
  gateway: z.object({ namespace: z.string(), name: z.string() }),
  listener: z.object({ name: z.string(), port: z.number().int(), hostnames: z.array(z.string()) }),
  backends: z.array(
    z.object({
      namespace: z.string(),
      name: z.string(),
      port: z.number().int(),
      weight: z.number().int(),
      ready: z.boolean(),
    }),
  ),
  phase: TunnelPhase,
  /** One plain sentence; null while there is nothing to explain. */
  phaseReason: z.string().nullable(),
  enabled: z.boolean(),
  forceTunnel: z.boolean(),
  /** Who forced this tunnel and when; null while it is not forced itself. */
  forcedBy: z.object({ setBy: z.string(), setAt: Timestamp }).nullable(),
  /** The operator's choice; null follows the rules. */
  chosenMode: RoutingMode.nullable(),
  routingMode: z.object({
    desired: RoutingMode,
    effective: RoutingMode,
    reason: z.string(),
    /** True when one of the three force rules decided. */
    forced: z.boolean(),
  }),
  endpoints: z.array(EndpointDto),
  /** Null where no direct address is wanted or known. */
  direct: DirectStatusDto.nullable(),
  policy: TunnelPolicy,
  /** Of HTTP tunnels requests: `open` those in flight, WebSockets among them, though only some are in the table of connections. */
  connections: z.object({ open: z.number().int(), total: z.number().int() }),
  bytes: ByteCounts,
  /** Of UDP tunnels, since the relay processes that run now were started; null for others. */
  datagrams: z
    .object({ in: z.number().int(), out: z.number().int(), dropped: z.number().int() })
    .nullable(),
  /** Of HTTP tunnels; null for others. */
  http: TunnelHttpDto.nullable(),
  /** Names of connected agents that serve it now. */
  agents: z.array(z.string()),
  /** The newest failed connection of the last hour, if any: its close reason, or the error code of an HTTP request, and when. */
  lastError: z
    .object({
      reason: z.string(),
      at: Timestamp,
      /** The service has answered since, or did so within ten seconds before: it does by and large. */
      isOver: z.boolean(),
    })
    .nullable(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type TunnelDto = z.infer<typeof TunnelDto>;
export const TunnelPage = page(TunnelDto);

export const TunnelListQuery = PageQuery.extend({
  clusterId: ClusterId.optional(),
  phase: TunnelPhase.optional(),
  q: z.string().max(200).optional(),
});
export type TunnelListQuery = z.infer<typeof TunnelListQuery>;

export const PatchTunnelBody = z
  .strictObject({
    forceTunnel: z.boolean().optional(),
    routingMode: RoutingMode.nullable().optional(),
    enabled: z.boolean().optional(),
    policy: TunnelPolicyPatch.optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "must change something");
export type PatchTunnelBody = z.infer<typeof PatchTunnelBody>;
