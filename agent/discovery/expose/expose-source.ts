import type { HttpBackend, HttpRouting, HttpRule } from "#protocol/control/http-routing.ts";
import {
  listenerKeyText,
  type InventoryGateway,
  type InventoryListener,
} from "#protocol/control/inventory.ts";
import type { DiscoverySnapshot, DiscoverySource, UpstreamBackend } from "../discovery.ts";
import { ANY_REQUEST } from "../rules/http/build-matches.ts";

/** One `--expose NAME=SCHEME://HOST:PORT`. */
export interface Expose {
  readonly name: string;
  /** `http` and `h2c` are routed as HTTP; `h2c` is HTTP/2 without TLS, which gRPC needs. */
  readonly scheme: "tcp" | "http" | "h2c";
  readonly host: string;
  readonly port: number;
}

const NAMESPACE = "expose";

/** What `--expose` publishes: each as a Gateway of its own with one listener. */
export function buildExposeSnapshot(
  exposes: readonly Expose[],
  idleTimeoutMs: number | null,
): DiscoverySnapshot {
  const gateways: InventoryGateway[] = [];
  const targets = new Map<string, readonly UpstreamBackend[]>();
  for (const expose of exposes) {
    const { name, scheme, host, port } = expose;
    const protocol = scheme === "tcp" ? "tcp" : "http";
    const backend = { namespace: NAMESPACE, name, port, weight: 1, ready: true, reason: null };
    const listener: InventoryListener = {
      name,
      port,
      protocol,
      hostname: null,
      routes: [],
      backends: [backend],
      problem: null,
      problemCode: null,
      ...(scheme === "tcp" ? {} : { http: passEverything(expose, scheme) }),
    };
    gateways.push({
      namespace: NAMESPACE,
      name,
      addresses: [],
      routingMode: null,
      idleTimeoutMs,
      listeners: [listener],
    });
    const key = { namespace: NAMESPACE, gateway: name, protocol, port, hostname: null } as const;
    targets.set(listenerKeyText(key), [{ ...backend, addresses: [{ host, port }] }]);
  }
  return { gateways, problems: [], targets };
}

/** One rule for every request, on the tunnel's own name. */
function passEverything({ name, port }: Expose, scheme: "http" | "h2c"): HttpRouting {
  const backend: HttpBackend = {
    namespace: NAMESPACE,
    name,
    port,
    weight: 1,
    ready: true,
    isInvalid: false,
    protocol: scheme === "h2c" ? "h2c" : "http1",
    filters: [],
  };
  const rule: HttpRule = {
    route: `--expose ${name}`,
    hostnames: [],
    matches: [ANY_REQUEST],
    filters: [],
    backends: [backend],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
  };
  return { isThroughGateway: false, isTls: false, rules: [rule] };
}

/** Publishes what the command line names: known at once and never changing. */
export class ExposeSource implements DiscoverySource {
  readonly kind = "expose";
  readonly #snapshot: DiscoverySnapshot;

  constructor(exposes: readonly Expose[], idleTimeoutMs: number | null) {
    this.#snapshot = buildExposeSnapshot(exposes, idleTimeoutMs);
  }

  async start(onSnapshot: (snapshot: DiscoverySnapshot) => void): Promise<void> {
    onSnapshot(this.#snapshot);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
