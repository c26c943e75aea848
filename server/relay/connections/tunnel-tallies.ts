import type { TunnelId } from "#protocol/api/ids.ts";
import type { DatagramCounts, TunnelCounters } from "#protocol/relay/events.ts";

type Figure = Exclude<keyof TunnelCounters, "tunnelId" | "datagrams" | "http">;

/** What each tunnel has carried since this process started. Figures only ever grow, but for `open`. */
export class TunnelTallies {
  readonly #tallies = new Map<string, TunnelCounters>();
  readonly #changed = new Set<string>();

  add(tunnelId: TunnelId, figure: Figure, amount: number): void {
    if (amount === 0) return;
    this.#tallyOf(tunnelId)[figure] += amount;
    this.#changed.add(tunnelId);
  }

  addDatagrams(tunnelId: TunnelId, more: Partial<DatagramCounts>): void {
    const tally = this.#tallyOf(tunnelId);
    const before = tally.datagrams ?? { in: 0, out: 0, dropped: 0 };
    tally.datagrams = {
      in: before.in + (more.in ?? 0),
      out: before.out + (more.out ?? 0),
      dropped: before.dropped + (more.dropped ?? 0),
    };
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

  #tallyOf(tunnelId: TunnelId): TunnelCounters {
    let tally = this.#tallies.get(tunnelId);
    if (tally === undefined) {
      tally = { tunnelId, bytesIn: 0, bytesOut: 0, opened: 0, failed: 0, open: 0 };
      this.#tallies.set(tunnelId, tally);
    }
    return tally;
  }
}
