import { z } from "zod";
import { TunnelProtocol } from "../api/tunnels.ts";
import { RoutingMode } from "../api/routing.ts";
import { HttpRouting } from "./http-routing.ts";
import { CONTROL_LIMITS as L } from "./limits.ts";

const text = z.string().max(L.text);
/** A Kubernetes object name or namespace. */
const objectName = z.string().min(1).max(253);
const port = z.number().int().min(1).max(65_535);

export const InventoryRoute = z.object({
  kind: text,
  namespace: objectName,
  name: objectName,
  accepted: z.boolean(),
  /** The Gateway API's own reason code: `Accepted`, `NotAllowedByListeners`, `RefNotPermitted` … */
  reason: text,
  /** The same in plain words. Of an accepted route, what is worth knowing all the same; else empty. */
  message: text,
});
export type InventoryRoute = z.infer<typeof InventoryRoute>;

export const InventoryBackend = z.object({
  namespace: objectName,
  name: objectName,
  port,
  weight: z.number().int().min(0).max(1_000_000),
  /** True when at least one address is ready. */
  ready: z.boolean(),
  /** Why it is not, in plain words. */
  reason: text.nullable(),
});
export type InventoryBackend = z.infer<typeof InventoryBackend>;

export const InventoryListener = z.object({
  name: objectName,
  port,
  protocol: TunnelProtocol,
  /** For HTTP and TLS, part of the tunnel's key; null = any host. */
  hostname: z.string().max(253).nullable(),
  routes: z.array(InventoryRoute).max(L.routesPerListener),
  backends: z.array(InventoryBackend).max(L.backendsPerListener),
  /** Why it cannot be published, in plain words; null when it can. */
  problem: text.nullable(),
  /** The Gateway API's reason code for that, where it has one: `ProtocolConflict`, `InvalidRouteKinds` … */
  problemCode: text.nullable().default(null),
  /** Of `http` listeners. */
  http: HttpRouting.exactOptional(),
});
export type InventoryListener = z.infer<typeof InventoryListener>;

export const InventoryGateway = z.object({
  namespace: objectName,
  name: objectName,
  /** Direct addresses, `host` without port. */
  addresses: z.array(z.string().max(253)).max(L.addressesPerGateway),
  /** Annotation `culvert.dev/routing-mode`. */
  routingMode: RoutingMode.nullable(),
  /** Annotation `culvert.dev/idle-timeout`, milliseconds. */
  idleTimeoutMs: z.number().int().min(10_000).max(604_800_000).nullable(),
  listeners: z.array(InventoryListener).max(L.listenersPerGateway),
});
export type InventoryGateway = z.infer<typeof InventoryGateway>;

/** One kind of the Gateway API, as the cluster serves it. */
export const GatewayApiKind = z.object({
  kind: text,
  /** The version in use: `v1`, `v1beta1` or `v1alpha2`; null when none of them is served. */
  version: text.nullable(),
  /** Every version the API server serves. */
  served: z.array(text).max(16),
  /** What is missing and what to do about it, one plain sentence; null when all is well. */
  advice: text.nullable(),
});
export type GatewayApiKind = z.infer<typeof GatewayApiKind>;

export const GatewayApiStatus = z.object({
  /** Of the installed CRDs, `v1.6.3`; null when there are none or they do not say. */
  bundleVersion: text.nullable(),
  /** `standard` or `experimental`. */
  channel: text.nullable(),
  kinds: z.array(GatewayApiKind).max(16),
});
export type GatewayApiStatus = z.infer<typeof GatewayApiStatus>;

const problems = z
  .array(
    z.object({
      where: text,
      reason: text,
      /** The Gateway API's reason code, where it has one. */
      code: text.exactOptional(),
    }),
  )
  .max(L.problems);

/** Everything one agent sees, complete: what is absent is gone. */
export const Inventory = z.object({
  /** Grows with every change that this agent instance sees. */
  generation: z.number().int().min(1),
  source: z.enum(["files", "kubernetes", "expose", "none"]),
  kubernetesVersion: z.string().max(64).nullable(),
  /** Null where there is no API server to ask. */
  gatewayApi: GatewayApiStatus.nullable().default(null),
  /** Addresses and host names of Services of type LoadBalancer, sorted. */
  loadBalancers: z.array(z.string().max(253)).max(L.loadBalancers).default([]),
  gateways: z.array(InventoryGateway).max(L.gateways),
  /** What could not be read or accepted, and where. */
  problems,
});
export type Inventory = z.infer<typeof Inventory>;

/** Why an agent reports nothing yet, or nothing new. Its next report ends it. */
export const InventoryPending = z.object({ problems: problems.min(1) });
export type InventoryPending = z.infer<typeof InventoryPending>;

/** What names one listener within a cluster, and one tunnel with it. */
export interface ListenerKey {
  readonly namespace: string;
  readonly gateway: string;
  readonly protocol: TunnelProtocol;
  readonly port: number;
  readonly hostname: string | null;
}

export const ListenerKey = z.object({
  namespace: objectName,
  gateway: objectName,
  protocol: TunnelProtocol,
  port,
  hostname: z.string().max(253).nullable(),
});

/** One string for maps; object names never contain a slash. */
export function listenerKeyText(key: ListenerKey): string {
  return `${key.namespace}/${key.gateway}/${key.protocol}/${key.port}/${key.hostname ?? ""}`;
}
