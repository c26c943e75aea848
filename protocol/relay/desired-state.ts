import { z } from "zod";
import { ClusterId, TokenId, TunnelId } from "../api/ids.ts";
import { TunnelPolicy } from "../api/tunnels.ts";
import { RoutingMode } from "../api/routing.ts";
import { HttpRouting } from "../control/http-routing.ts";
import { ListenerKey } from "../control/inventory.ts";
import { PublishedEndpoint } from "../control/published.ts";

/** The hash of an agent token that is valid now: SHA-256 in lower-case hex. */
export const DesiredToken = z.object({
  tokenId: TokenId,
  clusterId: ClusterId,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since the epoch; null = never. */
  expiresAt: z.number().nullable(),
});
export type DesiredToken = z.infer<typeof DesiredToken>;

export const DesiredCluster = z.object({ id: ClusterId, name: z.string() });
export type DesiredCluster = z.infer<typeof DesiredCluster>;

/** A Gateway's own address, which clients may use without us once a relay has seen it answer. */
export const DirectTarget = z.object({
  /** An IP address or a host name; the relay judges what it resolves to. */
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65_535),
});
export type DirectTarget = z.infer<typeof DirectTarget>;

/** How an HTTP tunnel is reached on the edge, and what becomes of its requests. */
export const DesiredHttp = z.object({
  /** Its own name below the edge domain, lower case: every route of the listener answers there. */
  ownName: z.string().min(1).max(253),
  /** Host names of its routes that lead here, lower case, perhaps with `*.` in front; those that belong to others are left out. */
  hostnames: z.array(z.string().min(1).max(253)),
  routing: HttpRouting,
  /** Origins beside its own names whose pages may open WebSockets: `https://app.example.com`, `*.example.com`. */
  allowedOrigins: z.array(z.string().min(1).max(300)),
});
export type DesiredHttp = z.infer<typeof DesiredHttp>;

export const DesiredTunnel = z.object({
  id: TunnelId,
  clusterId: ClusterId,
  target: ListenerKey,
  /** The leased port; null for HTTP, which is found by host name on the edge. */
  relayPort: z.number().int().nullable(),
  /** Of HTTP tunnels only. */
  http: DesiredHttp.exactOptional(),
  /**
   * `open` listen and carry, as far as `mode` says · `stopped` accept nothing new, established connections live on
   * (pending, closing) · `disabled` accept nothing and release every client.
   */
  state: z.enum(["open", "stopped", "disabled"]),
  /**
   * The desired routing mode. The relay puts it in force by itself: `direct` stops accepting, two seconds after one of
   * `direct` was verified, and `dual` may dial the direct address; until then both are served like `tunnel`.
   */
  mode: RoutingMode,
  /** What to verify, the best first; empty where `mode` is `tunnel`. */
  direct: z.array(DirectTarget).max(16),
  /** Where clients connect, for agents that ask. */
  endpoints: z.array(PublishedEndpoint).max(8),
  policy: TunnelPolicy,
});
export type DesiredTunnel = z.infer<typeof DesiredTunnel>;

/** Everything a relay process serves. What is absent is closed: tunnels with `tunnel_removed`, links with 4401 or 4410. */
export const DesiredState = z.object({
  clusters: z.array(DesiredCluster),
  tokens: z.array(DesiredToken),
  tunnels: z.array(DesiredTunnel),
});
export type DesiredState = z.infer<typeof DesiredState>;

const changes = <T extends z.ZodType>(item: T) =>
  z.object({ upsert: z.array(item), remove: z.array(z.string()) });

/** What became different since the generation before. */
export const DesiredChange = z.object({
  clusters: changes(DesiredCluster),
  tokens: changes(DesiredToken),
  tunnels: changes(DesiredTunnel),
});
export type DesiredChange = z.infer<typeof DesiredChange>;
