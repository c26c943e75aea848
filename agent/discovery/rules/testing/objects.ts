import { Inventory, type InventoryListener } from "#protocol/control/inventory.ts";
import type { DiscoverySnapshot } from "../../discovery.ts";
import { parseManifest } from "../../files/parse-manifest.ts";
import { buildSnapshot, type RulesOptions } from "../build-snapshot.ts";
import { MANAGED_LABELS } from "../label-selector.ts";

const OPTIONS: RulesOptions = {
  managedLabels: MANAGED_LABELS,
  protocols: new Set(["tcp", "udp", "http", "tls"]),
  defaultIdleTimeoutMs: null,
  isLenient: false,
};

interface GatewayParts {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly listeners?: readonly object[];
  readonly addresses?: readonly object[];
}

export const gateway = (parts: GatewayParts = {}): object => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: {
    name: "edge",
    namespace: parts.namespace ?? "shop",
    labels: parts.labels ?? { "culvert.dev/managed": "true" },
    annotations: parts.annotations ?? {},
  },
  spec: {
    listeners: parts.listeners ?? [{ name: "db", protocol: "TCP", port: 5432 }],
    addresses: parts.addresses ?? [],
  },
});

interface RouteParts {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly parent?: object;
  readonly backendRefs?: readonly object[];
  readonly hostnames?: readonly string[];
}

export const route = (parts: RouteParts = {}): object => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: parts.kind ?? "TCPRoute",
  metadata: { name: parts.name ?? "db", namespace: parts.namespace ?? "shop" },
  spec: {
    parentRefs: [{ name: "edge", ...parts.parent }],
    ...(parts.hostnames === undefined ? {} : { hostnames: parts.hostnames }),
    rules: [{ backendRefs: parts.backendRefs ?? [{ name: "db", port: 5432 }] }],
  },
});

export const service = (
  parts: { name?: string; namespace?: string; spec?: object } = {},
): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: parts.name ?? "db", namespace: parts.namespace ?? "shop" },
  spec: parts.spec ?? { ports: [{ name: "pg", port: 5432, targetPort: 15432 }] },
});

interface SliceParts {
  readonly service?: string;
  readonly namespace?: string;
  readonly ports?: readonly object[];
  readonly endpoints?: readonly object[];
}

export const slice = (parts: SliceParts = {}): object => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name: `${parts.service ?? "db"}-1`,
    namespace: parts.namespace ?? "shop",
    labels: { "kubernetes.io/service-name": parts.service ?? "db" },
  },
  addressType: "IPv4",
  ports: parts.ports ?? [{ name: "pg", port: 15432 }],
  endpoints: parts.endpoints ?? [{ addresses: ["10.0.0.1"] }, { addresses: ["10.0.0.2"] }],
});

export const grant = (parts: { kind?: string; from?: string; name?: string } = {}): object => ({
  apiVersion: "gateway.networking.k8s.io/v1beta1",
  kind: "ReferenceGrant",
  metadata: { name: "allow", namespace: "data" },
  spec: {
    from: [
      {
        group: "gateway.networking.k8s.io",
        kind: parts.kind ?? "TCPRoute",
        namespace: parts.from ?? "shop",
      },
    ],
    to: [{ group: "", kind: "Service", ...(parts.name === undefined ? {} : { name: parts.name }) }],
  },
});

export function look(
  objects: readonly object[],
  options: Partial<RulesOptions> = {},
): DiscoverySnapshot {
  const parsed = parseManifest(JSON.stringify({ kind: "List", items: objects }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const snapshot = buildSnapshot(
    parsed.objects.map(({ object }) => object),
    { ...OPTIONS, ...options },
  );
  // Whatever the rules give must fit the wire.
  Inventory.parse({ ...snapshot, generation: 1, source: "files", kubernetesVersion: null });
  return snapshot;
}

export function onlyListener(snapshot: DiscoverySnapshot): InventoryListener {
  const listeners = snapshot.gateways.flatMap((item) => item.listeners);
  const [listener] = listeners;
  if (listener === undefined || listeners.length > 1)
    throw new Error(`${listeners.length} listeners`);
  return listener;
}

export const KEY = "shop/edge/tcp/5432/";
export const SHOP = [gateway(), route(), service(), slice()];
