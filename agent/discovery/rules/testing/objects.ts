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
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly listeners?: readonly object[];
  readonly addresses?: readonly object[];
  readonly allowedListeners?: object;
}

export const gateway = (parts: GatewayParts = {}): object => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: {
    name: parts.name ?? "edge",
    namespace: parts.namespace ?? "shop",
    labels: parts.labels ?? { "culvert.dev/managed": "true" },
    annotations: parts.annotations ?? {},
  },
  spec: {
    listeners: parts.listeners ?? [{ name: "db", protocol: "TCP", port: 5432 }],
    addresses: parts.addresses ?? [],
    allowedListeners: parts.allowedListeners,
  },
});

interface RouteParts {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly createdAt?: string;
  readonly parent?: object;
  readonly parents?: readonly object[];
  readonly backendRefs?: readonly object[];
  readonly rules?: readonly object[];
  readonly hostnames?: readonly string[];
  readonly status?: object;
}

export const route = (parts: RouteParts = {}): object => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: parts.kind ?? "TCPRoute",
  metadata: {
    name: parts.name ?? "db",
    namespace: parts.namespace ?? "shop",
    creationTimestamp: parts.createdAt,
  },
  spec: {
    parentRefs: parts.parents ?? [{ name: "edge", ...parts.parent }],
    ...(parts.hostnames === undefined ? {} : { hostnames: parts.hostnames }),
    rules: parts.rules ?? [{ backendRefs: parts.backendRefs ?? [{ name: "db", port: 5432 }] }],
  },
  status: parts.status,
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

interface GrantParts {
  readonly namespace?: string;
  readonly from?: object;
  readonly to?: object;
}

/** Lets TCPRoutes of `shop` use every Service of `data`, but for what the parts say. */
export const grant = (parts: GrantParts = {}): object => ({
  apiVersion: "gateway.networking.k8s.io/v1beta1",
  kind: "ReferenceGrant",
  metadata: { name: "allow", namespace: parts.namespace ?? "data" },
  spec: {
    from: [
      {
        group: "gateway.networking.k8s.io",
        kind: "TCPRoute",
        namespace: "shop",
        ...parts.from,
      },
    ],
    to: [{ group: "", kind: "Service", ...parts.to }],
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

/** What became of one route: by listener, and as a problem of its own. */
export function verdictsOf(
  snapshot: DiscoverySnapshot,
  name: string,
): { readonly listeners: Readonly<Record<string, string>>; readonly problems: readonly string[] } {
  const listeners = snapshot.gateways
    .flatMap((item) => item.listeners)
    .flatMap((listener) =>
      listener.routes
        .filter((item) => item.name === name)
        .map(({ accepted, reason }): [string, string] => {
          if (accepted !== (reason === "Accepted")) throw new Error(`${accepted} and ${reason}`);
          return [listener.name, reason];
        }),
    );
  const problems = snapshot.problems
    .filter(({ where }) => where.endsWith(`/${name}`))
    .map(({ code }) => code ?? "");
  return { listeners: Object.fromEntries(listeners), problems };
}

export const KEY = "shop/edge/tcp/5432/";
export const SHOP = [gateway(), route(), service(), slice()];
