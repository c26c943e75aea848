import { setTimeout as delay } from "node:timers/promises";
import type { ClusterType } from "#protocol/api/routing.ts";
import type { Change } from "#server/services/changes.ts";
import { reconcileCluster, type ReconcileDeps } from "./reconcile-cluster.ts";

/** A run that took this long is followed by a rest: a large cluster must not keep this process from everything else. */
const LONG_RUN_MS = 50;
/** The rest in runs, and at most. */
const REST_FACTOR = 3;
const REST_MAX_MS = 1_000;

/** Repairs whatever a lost notice left behind, milliseconds. */
const RECONCILE_ALL_MS = 30_000;

export interface ClusterReconcilerOptions {
  readonly deps: ReconcileDeps;
  readonly onError: (error: unknown, clusterId: string) => void;
}

/**
 * Runs `reconcileCluster` when somebody asks for it, when time has come, and now and then for all clusters.
 *
 * One run at a time for each cluster; requests during a run become one more run after it.
 */
export class ClusterReconciler {
  readonly #options: ClusterReconcilerOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #requested = new Set<string>();
  readonly #types = new Map<string, ClusterType>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #interval: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  constructor(options: ClusterReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#interval ??= setInterval(() => void this.requestAll(), RECONCILE_ALL_MS);
  }

  /** Something about the cluster changed: a link, an inventory, a listener, a tunnel. */
  request(clusterId: string): void {
    if (this.#closing.signal.aborted) return;
    this.#requested.add(clusterId);
    if (this.#running.has(clusterId)) return;
    this.#running.set(clusterId, this.#run(clusterId));
  }

  /** Every cluster: after a relay came or went, and now and then. */
  async requestAll(): Promise<void> {
    const { db } = this.#options.deps;
    try {
      const clusters = await db.cluster.findMany({ select: { id: true } });
      for (const { id } of clusters) this.request(id);
    } catch (error) {
      this.#options.onError(error, "all");
    }
  }

  /** Resolves when nothing is under way. For tests and for shutting down. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#interval);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#requested.clear();
    await this.idle();
  }

  async #run(clusterId: string): Promise<void> {
    // A burst of events in one turn becomes one run.
    await Promise.resolve();
    while (this.#requested.delete(clusterId)) {
      const startedAtMs = performance.now();
      try {
        const outcome = await reconcileCluster(this.#options.deps, clusterId);
        this.#arm(clusterId, outcome?.dueAt ?? null);
        await this.#followType(clusterId, outcome?.type ?? null);
      } catch (error) {
        this.#options.onError(error, clusterId);
      }
      if (this.#requested.has(clusterId)) await this.#rest(performance.now() - startedAtMs);
    }
    this.#running.delete(clusterId);
  }

  async #rest(tookMs: number): Promise<void> {
    if (tookMs < LONG_RUN_MS) return;
    const restMs = Math.min(REST_MAX_MS, REST_FACTOR * tookMs);
    // Closing cuts it short.
    await delay(restMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  /** Time alone makes a cluster private: then its tunnels go by other rules although nothing was written. */
  async #followType(clusterId: string, type: ClusterType | null): Promise<void> {
    const before = this.#types.get(clusterId);
    if (type === null) this.#types.delete(clusterId);
    else this.#types.set(clusterId, type);
    if (type === null || before === undefined || before === type) return;
    const { db, changes } = this.#options.deps;
    const tunnels = await db.tunnel.findMany({
      where: { clusterId },
      select: { id: true, clusterId: true },
    });
    const moved = tunnels.map((tunnel): Change => ({ kind: "tunnel", ...tunnel }));
    changes.publish({ kind: "cluster", id: clusterId }, ...moved);
  }

  #arm(clusterId: string, dueAt: Date | null): void {
    clearTimeout(this.#timers.get(clusterId));
    this.#timers.delete(clusterId);
    if (dueAt === null || this.#closing.signal.aborted) return;
    const delayMs = Math.max(0, dueAt.getTime() - this.#options.deps.now().getTime());
    const timer = setTimeout(() => {
      this.#timers.delete(clusterId);
      this.request(clusterId);
    }, delayMs);
    this.#timers.set(clusterId, timer);
  }
}
