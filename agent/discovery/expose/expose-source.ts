import { listenerKeyText, type InventoryGateway } from "#protocol/control/inventory.ts";
import type { DiscoverySnapshot, DiscoverySource, UpstreamBackend } from "../discovery.ts";

/** One `--expose NAME=tcp://HOST:PORT`. */
export interface Expose {
  readonly name: string;
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
  for (const { name, host, port } of exposes) {
    const backend = { namespace: NAMESPACE, name, port, weight: 1, ready: true, reason: null };
    gateways.push({
      namespace: NAMESPACE,
      name,
      addresses: [],
      routingMode: null,
      idleTimeoutMs,
      listeners: [
        {
          name,
          port,
          protocol: "tcp",
          hostname: null,
          routes: [],
          backends: [backend],
          problem: null,
          problemCode: null,
        },
      ],
    });
    const key = {
      namespace: NAMESPACE,
      gateway: name,
      protocol: "tcp",
      port,
      hostname: null,
    } as const;
    targets.set(listenerKeyText(key), [{ ...backend, addresses: [{ host, port }] }]);
  }
  return { gateways, problems: [], targets };
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
