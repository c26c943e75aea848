import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import type { Published, PublishedListener } from "#protocol/control/published.ts";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { Logger } from "#server/observability/logger.ts";

/** What it takes of a link to tell its agent something. */
export interface PublishedReader {
  readonly clusterId: string;
  /** True once the agent has registered, for agents that named the capability. */
  readonly wantsPublished: boolean;
  sendPublished(published: Published): void;
}

/** Room for the envelope and the longer names of the wire. */
const LISTENERS_MAX_BYTES = CONTROL_LIMITS.messageBytes * 0.9;

/** What one cluster publishes, and the same as text, by which changes are recognised. */
interface ClusterListeners {
  readonly listeners: PublishedListener[];
  readonly texts: string[];
  bytes: number;
  leftOut: number;
}

/**
 * Tells agents that ask where the listeners of their own cluster are published.
 *
 * Changes are gathered until the next `flush`, which the hub's sweep calls: a busy second costs an agent one message,
 * and a cluster whose listeners stayed as they were costs none.
 */
export class PublishedListeners {
  readonly #log: Logger;
  #tunnels: ReadonlyMap<string, DesiredTunnel> = new Map();
  #isChanged = false;
  readonly #told = new WeakMap<PublishedReader, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes over everything this relay serves. */
  replace(tunnels: ReadonlyMap<string, DesiredTunnel>): void {
    this.#isChanged ||= tunnels !== this.#tunnels;
    this.#tunnels = tunnels;
  }

  /** Tells one agent at once: it has just registered. */
  tell(link: PublishedReader): void {
    this.#tellAll([link]);
  }

  /** Tells every agent whose cluster changed since it was told. */
  flush(links: Iterable<PublishedReader>): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#tellAll([...links]);
  }

  #tellAll(links: readonly PublishedReader[]): void {
    const clusters = new Map<string, PublishedReader[]>();
    for (const link of links) {
      if (!link.wantsPublished) continue;
      clusters.set(link.clusterId, [...(clusters.get(link.clusterId) ?? []), link]);
    }
    if (clusters.size === 0) return;
    const published = this.#collect(new Set(clusters.keys()));
    for (const [clusterId, readers] of clusters) {
      const { listeners = [], texts = [] } = published.get(clusterId) ?? {};
      const text = texts.join();
      for (const reader of readers) {
        if (this.#told.get(reader) === text) continue;
        this.#told.set(reader, text);
        reader.sendPublished({ listeners });
      }
    }
  }

  #collect(clusterIds: ReadonlySet<string>): ReadonlyMap<string, ClusterListeners> {
    const clusters = new Map<string, ClusterListeners>();
    for (const { clusterId, state, target: key, mode, endpoints } of this.#tunnels.values()) {
      if (!clusterIds.has(clusterId) || state !== "open" || endpoints.length === 0) continue;
      const cluster = clusters.get(clusterId) ?? { listeners: [], texts: [], bytes: 0, leftOut: 0 };
      clusters.set(clusterId, cluster);
      add(cluster, { key, mode, endpoints });
    }
    for (const [clusterId, { listeners, leftOut }] of clusters) {
      if (leftOut === 0) continue;
      this.#log.warn({ clusterId, told: listeners.length, leftOut }, "too many to tell agents");
    }
    return clusters;
  }
}

function add(cluster: ClusterListeners, listener: PublishedListener): void {
  const text = JSON.stringify(listener);
  const bytes = cluster.bytes + Buffer.byteLength(text);
  const isFull = cluster.listeners.length >= CONTROL_LIMITS.publishedListeners;
  if (isFull || bytes > LISTENERS_MAX_BYTES) {
    cluster.leftOut += 1;
    return;
  }
  cluster.bytes = bytes;
  cluster.listeners.push(listener);
  cluster.texts.push(text);
}
