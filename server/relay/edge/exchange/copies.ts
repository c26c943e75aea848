import type { TunnelId } from "#protocol/api/ids.ts";

/** Copies of one tunnel's requests under way: they take streams of the agents' links from its visitors. A choice. */
const COPIES_MAX = 256;
/** How long a whole copy may wait for the end of an answer that nobody reads, milliseconds. A choice. */
const ANSWER_MS = 30_000;

/** A copy of a request that is under way. */
export interface Copy {
  /** When its body was whole, as the clock of {@link Copies} tells it; null before. */
  readonly wholeAtMs: number | null;
  giveUp(): void;
}

/** The copies of requests that are under way, of all tunnels. */
export class Copies {
  readonly now: () => number;
  readonly #byTunnel = new Map<TunnelId, Set<Copy>>();

  /** @param now a clock that never jumps, milliseconds. */
  constructor(now: () => number) {
    this.now = now;
  }

  hasRoom(id: TunnelId): boolean {
    return (this.#byTunnel.get(id)?.size ?? 0) < COPIES_MAX;
  }

  add(id: TunnelId, copy: Copy): void {
    const copies = this.#byTunnel.get(id) ?? new Set();
    this.#byTunnel.set(id, copies.add(copy));
  }

  /** Idempotent. */
  delete(id: TunnelId, copy: Copy): void {
    const copies = this.#byTunnel.get(id);
    copies?.delete(copy);
    if (copies?.size === 0) this.#byTunnel.delete(id);
  }

  /** Gives up what waited for too long. */
  sweep(): void {
    const staleBefore = this.now() - ANSWER_MS;
    for (const copies of [...this.#byTunnel.values()]) {
      for (const copy of [...copies]) {
        if (copy.wholeAtMs !== null && copy.wholeAtMs < staleBefore) copy.giveUp();
      }
    }
  }
}
