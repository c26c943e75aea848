import type { TunnelId } from "#protocol/api/ids.ts";
import type { TunnelCounters } from "#protocol/relay/events.ts";

type Figure = Exclude<keyof TunnelCounters, "tunnelId">;

/** What each tunnel has carried since this process started. Figures only ever grow, but for `open`. */
export class TunnelTallies {
  readonly #tallies = new Map<string, TunnelCounters>();
  readonly #changed = new Set<string>();

  add(tunnelId: TunnelId, figure: Figure, amount: number): void {
    if (amount === 0) return;
    let tally = this.#tallies.get(tunnelId);
    if (tally === undefined) {
      tally = { tunnelId, bytesIn: 0, bytesOut: 0, opened: 0, failed: 0, open: 0 };
      this.#tallies.set(tunnelId, tally);
    }
    tally[figure] += amount;
    this.#changed.add(tunnelId);
  }

  /** Copies of those that changed since the last call. */
  takeChanged(): TunnelCounters[] {
    const changed = [...this.#changed].flatMap((id) => {
      const tally = this.#tallies.get(id);
      return tally === undefined ? [] : [{ ...tally }];
    });
    this.#changed.clear();
    return changed;
  }

  all(): TunnelCounters[] {
    return [...this.#tallies.values()].map((tally) => ({ ...tally }));
  }

  /** Forgets tunnels that are gone and carry nothing, so that the table stays as small as the fleet. */
  prune(isDesired: (tunnelId: string) => boolean): void {
    for (const [id, { open }] of this.#tallies) {
      if (open > 0 || this.#changed.has(id) || isDesired(id)) continue;
      this.#tallies.delete(id);
    }
  }
}
