import type { AgentLink } from "./agent-link.ts";

interface Waiter {
  readonly keyText: string;
  readonly onLink: (link: AgentLink) => void;
}

/** The registered links of this relay process, by cluster, and who waits for one. */
export class LinkRegistry {
  readonly #links = new Map<string, Set<AgentLink>>();
  readonly #waiters = new Map<string, Set<Waiter>>();

  add(link: AgentLink): void {
    const links = this.#links.get(link.clusterId);
    if (links === undefined) this.#links.set(link.clusterId, new Set([link]));
    else links.add(link);
  }

  remove(link: AgentLink): void {
    const links = this.#links.get(link.clusterId);
    links?.delete(link);
    if (links?.size === 0) this.#links.delete(link.clusterId);
  }

  *all(): Generator<AgentLink> {
    for (const links of this.#links.values()) yield* links;
  }

  ofCluster(clusterId: string): ReadonlySet<AgentLink> {
    return this.#links.get(clusterId) ?? new Set();
  }

  /**
   * Chooses the link for a new stream: healthy, its agent reported the listener, fewest open streams. One that owes an
   * answer is only taken when there is no other, so that a link that died silently takes few connections with it.
   *
   * @param keyText see `listenerKeyText`.
   * @returns null when no link can take one now.
   */
  pickLink(clusterId: string, keyText: string): AgentLink | null {
    let best: AgentLink | null = null;
    for (const link of this.#links.get(clusterId) ?? []) {
      if (!link.canOpen() || !link.serves(keyText)) continue;
      if (best === null || isBetter(link, best)) best = link;
    }
    return best;
  }

  /** True when some link would serve the listener, if perhaps not at this moment. */
  isServed(clusterId: string, keyText: string): boolean {
    for (const link of this.#links.get(clusterId) ?? []) if (link.serves(keyText)) return true;
    return false;
  }

  /**
   * Calls back once, synchronously from `wake`, with a link that can take a stream now.
   * First come, first served. The caller bounds how many wait and for how long.
   *
   * @returns gives up waiting. Idempotent.
   */
  waitForLink(clusterId: string, keyText: string, onLink: (link: AgentLink) => void): () => void {
    const waiter: Waiter = { keyText, onLink };
    const waiters = this.#waiters.get(clusterId) ?? new Set();
    this.#waiters.set(clusterId, waiters.add(waiter));
    return () => this.#forget(clusterId, waiter);
  }

  /** Serves who waits, as far as links can take them. Called when a link came, changed, or has room again. */
  wake(clusterId: string): void {
    const waiters = this.#waiters.get(clusterId);
    if (waiters === undefined) return;
    const misses = new Set<string>();
    for (const waiter of [...waiters]) {
      if (misses.has(waiter.keyText) || !waiters.has(waiter)) continue;
      const link = this.pickLink(clusterId, waiter.keyText);
      if (link === null) {
        misses.add(waiter.keyText);
        continue;
      }
      this.#forget(clusterId, waiter);
      waiter.onLink(link);
    }
  }

  #forget(clusterId: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(clusterId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(clusterId);
  }
}

function isBetter(a: AgentLink, b: AgentLink): boolean {
  const isUnanswered = a.isUnanswered();
  return isUnanswered === b.isUnanswered() ? a.streamCount < b.streamCount : !isUnanswered;
}
