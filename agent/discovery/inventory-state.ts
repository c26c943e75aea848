import type { Inventory } from "#protocol/control/inventory.ts";
import { boundInventory, boundProblems } from "./bound-inventory.ts";
import type {
  ClusterFacts,
  DiscoveryProblem,
  DiscoverySnapshot,
  DiscoverySource,
  UpstreamBackend,
} from "./discovery.ts";

const FIRST_LOOK: DiscoveryProblem = {
  where: "discovery",
  reason: "The agent has not had its first complete look yet.",
};

const NO_CLUSTER: ClusterFacts = { kubernetesVersion: null, gatewayApi: null, loadBalancers: [] };

/**
 * What all sources of this agent see together: the inventory that is reported, and the targets that may be dialled.
 * The generation grows only when something is different.
 */
export class InventoryState {
  readonly #sources: readonly DiscoverySource[];
  readonly #snapshots = new Map<DiscoverySource, DiscoverySnapshot>();
  readonly #waiting = new Map<DiscoverySource, readonly DiscoveryProblem[]>();
  readonly #onChange: (inventory: Inventory) => void;
  readonly #onWaiting: () => void;
  #inventory: Inventory;
  #targets: ReadonlyMap<string, readonly UpstreamBackend[]> = new Map();
  #isStarted = false;
  #isClosed = false;

  /** @param onWaiting  what `waiting` says has changed. */
  constructor(
    sources: readonly DiscoverySource[],
    onChange: (inventory: Inventory) => void,
    onWaiting: () => void = () => undefined,
  ) {
    this.#sources = sources;
    this.#onChange = onChange;
    this.#onWaiting = onWaiting;
    this.#inventory = {
      generation: 1,
      source: mainSource(sources),
      ...NO_CLUSTER,
      gateways: [],
      problems: [],
    };
  }

  get current(): Inventory {
    return this.#inventory;
  }

  /** True once every source has had its first complete look. */
  get isComplete(): boolean {
    return this.#isStarted;
  }

  /** Why there is nothing complete to report; null once there is. */
  get waiting(): DiscoveryProblem[] | null {
    if (this.#isStarted) return null;
    const problems = boundProblems([...this.#waiting.values()].flat());
    return problems.length > 0 ? problems : [FIRST_LOOK];
  }

  /** Why a source makes no progress at all; null while all do. */
  findStuck(): string | null {
    for (const source of this.#sources) {
      const stuck = source.findStuck?.() ?? null;
      if (stuck !== null) return stuck;
    }
    return null;
  }

  /** Where connections for a listener may go; null when this agent did not report it. */
  findTargets(key: string): readonly UpstreamBackend[] | null {
    return this.#targets.get(key) ?? null;
  }

  /** Resolves once every source has had its first look, or when it is closed before. */
  async start(): Promise<void> {
    await Promise.all(
      this.#sources.map((source) =>
        source.start(
          (snapshot) => {
            this.#snapshots.set(source, snapshot);
            if (this.#isStarted) this.#merge();
          },
          (problems) => {
            this.#waiting.set(source, problems);
            if (!this.#isStarted) this.#onWaiting();
          },
        ),
      ),
    );
    // Sources that are closed before their first look resolve without one.
    if (this.#isClosed) return;
    this.#isStarted = true;
    this.#merge();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#sources.map((source) => source.close()));
  }

  #merge(): void {
    const gateways = new Map<string, DiscoverySnapshot["gateways"][number]>();
    const targets = new Map<string, readonly UpstreamBackend[]>();
    const problems: DiscoveryProblem[] = [];
    let cluster: ClusterFacts = NO_CLUSTER;
    for (const source of this.#sources) {
      const snapshot = this.#snapshots.get(source);
      if (snapshot === undefined) continue;
      cluster = snapshot.cluster ?? cluster;
      problems.push(...snapshot.problems);
      for (const gateway of snapshot.gateways) {
        const key = `${gateway.namespace}/${gateway.name}`;
        if (!gateways.has(key)) gateways.set(key, gateway);
        else
          problems.push({
            where: `Gateway ${key}`,
            reason: "Two sources name it; one is left out.",
          });
      }
      for (const [key, backends] of snapshot.targets) {
        if (!targets.has(key)) targets.set(key, backends);
      }
    }
    this.#targets = targets;
    const next = boundInventory({
      ...this.#inventory,
      ...cluster,
      gateways: [...gateways.values()],
      problems,
    });
    if (JSON.stringify(next) === JSON.stringify(this.#inventory)) return;
    this.#inventory = { ...next, generation: this.#inventory.generation + 1 };
    this.#onChange(this.#inventory);
  }
}

function mainSource(sources: readonly DiscoverySource[]): Inventory["source"] {
  const kinds = sources.map((source) => source.kind);
  return kinds.find((kind) => kind !== "expose") ?? kinds[0] ?? "none";
}
