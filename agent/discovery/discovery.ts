import type { Inventory, InventoryBackend, InventoryGateway } from "#protocol/control/inventory.ts";

/** One address that the agent may dial for a backend. `host` is an IP address or a DNS name. */
export interface UpstreamAddress {
  readonly host: string;
  readonly port: number;
}

/** A backend as the server sees it, and where it really is, which only the agent knows. */
export interface UpstreamBackend extends InventoryBackend {
  readonly addresses: readonly UpstreamAddress[];
  /** The reference itself is wrong: its share of the connections is refused rather than given to others. */
  readonly isInvalid?: boolean;
}

export interface DiscoveryProblem {
  /** The file and line, or the object. */
  readonly where: string;
  /** One plain sentence. */
  readonly reason: string;
  /** The Gateway API's reason code, where it has one. */
  readonly code?: string;
}

/** What only an API server can tell. */
export type ClusterFacts = Pick<Inventory, "kubernetesVersion" | "gatewayApi" | "loadBalancers">;

/** Everything a source sees, complete, and what may be dialled because of it. */
export interface DiscoverySnapshot {
  readonly gateways: readonly InventoryGateway[];
  readonly problems: readonly DiscoveryProblem[];
  /** By listenerKeyText: the agent's allow-list. A listener without an entry is never dialled. */
  readonly targets: ReadonlyMap<string, readonly UpstreamBackend[]>;
  readonly cluster?: ClusterFacts;
}

/** Where the inventory comes from: a folder of manifests, `--expose`, the Kubernetes API. */
export interface DiscoverySource {
  readonly kind: "files" | "kubernetes" | "expose";
  /**
   * Begins to look, and calls back with every changed snapshot.
   *
   * Order:  resolves after the first snapshot has been delivered, or when it is closed before. A folder that cannot be
   * read is a snapshot with a problem; an API server that cannot be reached is waited for.
   */
  start(
    onSnapshot: (snapshot: DiscoverySnapshot) => void,
    /** Why there is no first snapshot yet, whenever that changes. */
    onWaiting: (problems: readonly DiscoveryProblem[]) => void,
  ): Promise<void>;
  /**
   * Why it makes no progress at all, one sentence; null while it works. What the agent cannot help, such as an API server
   * that is away, is no such reason: the health page fails on this one, and a restart follows.
   */
  findStuck?(): string | null;
  /** Idempotent; nothing is called afterwards. */
  close(): Promise<void>;
}
