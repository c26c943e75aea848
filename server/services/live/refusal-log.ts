import type { AgentRefusal } from "#protocol/relay/events.ts";

/** Kept for each cluster, and for sockets whose token nobody knows. */
export const REFUSALS_KEPT = 20;
/** Clusters with refusals remembered at once; the longest silent one is forgotten first. */
const CLUSTERS_MAX = 1_000;

/** The newest agents that were turned away, so that "having trouble?" can say what the server saw. */
export class RefusalLog {
  readonly #byCluster = new Map<string, AgentRefusal[]>();

  record(refusal: AgentRefusal): void {
    const key = refusal.clusterId ?? UNKNOWN;
    const ring = this.#byCluster.get(key) ?? [];
    if (ring.some((known) => known.at === refusal.at && known.address === refusal.address)) return;
    ring.push(refusal);
    ring.sort((a, b) => a.at - b.at);
    if (ring.length > REFUSALS_KEPT) ring.shift();
    this.#byCluster.delete(key);
    this.#byCluster.set(key, ring);
    if (this.#byCluster.size > CLUSTERS_MAX) {
      const [oldest] = this.#byCluster.keys();
      if (oldest !== undefined) this.#byCluster.delete(oldest);
    }
  }

  /** Newest first. */
  ofCluster(clusterId: string): readonly AgentRefusal[] {
    return [...(this.#byCluster.get(clusterId) ?? [])].reverse();
  }

  /** Those whose token nobody knows: any cluster's agent may be among them. Newest first. */
  unknown(): readonly AgentRefusal[] {
    return this.ofCluster(UNKNOWN);
  }
}

const UNKNOWN = "";
