import type { LiveMetric } from "#protocol/live/events.ts";
import type { RelayFacts } from "#server/relays/relay-facts.ts";

/** What one tunnel did in one relay during its last report. */
interface Rate {
  readonly tunnelId: string;
  readonly clusterId: string;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  /** Not yet shown; counts, not rates, so that none is lost. */
  counts: Counts;
}

interface Counts {
  readonly opened: number;
  readonly failed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface Sum {
  in: number;
  out: number;
  counts: Counts;
}

const NOTHING: Counts = { opened: 0, failed: 0, bytesIn: 0, bytesOut: 0 };

const add = (a: Counts, b: Counts): Counts => ({
  opened: a.opened + b.opened,
  failed: a.failed + b.failed,
  bytesIn: a.bytesIn + b.bytesIn,
  bytesOut: a.bytesOut + b.bytesOut,
});

/**
 * Turns the relays' reports into figures a second for every scope: sums over relays of what each last reported.
 *
 * A rate stays until its relay reports the next: reports that come a little early or late are neither lost nor counted twice.
 */
export class RateBook {
  readonly #byRelay = new Map<string, Map<string, Rate>>();
  #dirty = new Map<string, string>();

  report(report: RelayFacts["counted"]): void {
    const before = this.#byRelay.get(report.relayId) ?? new Map<string, Rate>();
    const after = new Map<string, Rate>();
    const seconds = Math.max(report.spanMs, 1) / 1_000;
    for (const tunnel of report.tunnels) {
      after.set(tunnel.tunnelId, {
        tunnelId: tunnel.tunnelId,
        clusterId: tunnel.clusterId,
        inPerSecond: tunnel.bytesIn / seconds,
        outPerSecond: tunnel.bytesOut / seconds,
        counts: add(tunnel, before.get(tunnel.tunnelId)?.counts ?? NOTHING),
      });
      this.#dirty.set(tunnel.tunnelId, tunnel.clusterId);
      before.delete(tunnel.tunnelId);
    }
    // What is not in the report did nothing: it is shown once with nothing.
    for (const rate of before.values()) {
      this.#dirty.set(rate.tunnelId, rate.clusterId);
      if (rate.counts !== NOTHING)
        after.set(rate.tunnelId, { ...rate, inPerSecond: 0, outPerSecond: 0 });
    }
    this.#byRelay.set(report.relayId, after);
  }

  relayGone(relayId: string): void {
    const last = this.#byRelay.get(relayId);
    for (const { tunnelId, clusterId } of last?.values() ?? [])
      this.#dirty.set(tunnelId, clusterId);
    this.#byRelay.delete(relayId);
  }

  /** Its open connections changed: shown although no byte went through. */
  touch(tunnelId: string, clusterId: string): void {
    this.#dirty.set(tunnelId, clusterId);
  }

  /** Every scope that changed since the call before, the fleet first. */
  take(
    at: number,
    openOf: (scope: { tunnelId?: string; clusterId?: string }) => number,
  ): LiveMetric[] {
    if (this.#dirty.size === 0) return [];
    const tunnels = this.#dirty;
    this.#dirty = new Map();
    const clusters = new Set(tunnels.values());
    const sums = this.#sums();
    const metric = (scope: string, open: number): LiveMetric => {
      const sum = sums.get(scope);
      const { opened, failed, bytesIn, bytesOut } = sum?.counts ?? NOTHING;
      return {
        at,
        scope,
        bytesInPerSecond: Math.round(sum?.in ?? 0),
        bytesOutPerSecond: Math.round(sum?.out ?? 0),
        connectionsOpen: open,
        connectionsOpened: opened,
        connectionsFailed: failed,
        bytesIn,
        bytesOut,
      };
    };
    return [
      metric("fleet", openOf({})),
      ...[...clusters].map((id) => metric(`cluster:${id}`, openOf({ clusterId: id }))),
      ...[...tunnels.keys()].map((id) => metric(`tunnel:${id}`, openOf({ tunnelId: id }))),
    ];
  }

  #sums(): ReadonlyMap<string, Sum> {
    const sums = new Map<string, Sum>();
    const count = (scope: string, rate: Rate): void => {
      const sum = sums.get(scope) ?? { in: 0, out: 0, counts: NOTHING };
      sum.in += rate.inPerSecond;
      sum.out += rate.outPerSecond;
      sum.counts = add(sum.counts, rate.counts);
      sums.set(scope, sum);
    };
    for (const rates of this.#byRelay.values()) {
      for (const rate of rates.values()) {
        count("fleet", rate);
        count(`cluster:${rate.clusterId}`, rate);
        count(`tunnel:${rate.tunnelId}`, rate);
        rate.counts = NOTHING;
      }
    }
    return sums;
  }
}
