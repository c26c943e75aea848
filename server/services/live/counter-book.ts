import type { DatagramCounts, HttpCounts, TunnelCounters } from "#protocol/relay/events.ts";
import { addHttpCounts, httpFigures, NO_HTTP_COUNTS, subtractHttpCounts } from "./http-counts.ts";

/** What went through a tunnel, ever. */
export interface TunnelTotals {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly opened: number;
  readonly failed: number;
}

/** What went through a tunnel since the report before. */
export interface TunnelDelta extends TunnelTotals {
  readonly tunnelId: string;
  /** Open now, over all relays. */
  readonly open: number;
  /** Of HTTP tunnels. */
  readonly http?: HttpCounts;
  /** Of UDP tunnels. */
  readonly datagrams?: DatagramCounts;
}

/** One stored figure: absolute, of one tunnel, in one start of a relay process. */
export interface CounterRow extends TunnelTotals {
  readonly tunnelId: string;
  readonly relayInstance: string;
}

export const NO_TOTALS: TunnelTotals = { bytesIn: 0, bytesOut: 0, opened: 0, failed: 0 };
const NO_DATAGRAMS: DatagramCounts = { in: 0, out: 0, dropped: 0 };
const NOTHING: Omit<TunnelCounters, "tunnelId"> = { ...NO_TOTALS, open: 0 };

/**
 * The newest absolute figures of every tunnel, per start of a relay process.
 *
 * Totals are sums over those starts, so a report that comes twice changes nothing, and one that got lost
 * is made good by the next.
 */
export class CounterBook {
  readonly #counters = new Map<string, Map<string, TunnelCounters>>();
  readonly #dirty = new Map<string, CounterRow>();

  /** Takes over what was stored before this process started. */
  seed(rows: readonly CounterRow[]): void {
    for (const row of rows) {
      this.#instancesOf(row.tunnelId).set(row.relayInstance, {
        ...totalsOnly(row),
        // Branded by the sender's schema; a stored id was one.
        tunnelId: row.tunnelId as TunnelCounters["tunnelId"],
        open: 0,
      });
    }
  }

  /** @returns the difference to what was known; null when there is none. */
  update(relayInstance: string, report: TunnelCounters): TunnelDelta | null {
    const instances = this.#instancesOf(report.tunnelId);
    const before = instances.get(relayInstance) ?? NOTHING;
    const difference = subtract(report, before);
    const figures = listFigures(difference);
    const isOlder = figures.some((value) => value < 0);
    const isSame = figures.every((value) => value === 0);
    if (isOlder) return null;
    instances.set(relayInstance, report);
    if (isSame && before.open === report.open) return null;
    if (!isSame) {
      const row = { tunnelId: report.tunnelId, relayInstance, ...totalsOnly(report) };
      this.#dirty.set(dirtyKey(row), row);
    }
    return { tunnelId: report.tunnelId, ...difference, open: this.openOf(report.tunnelId) };
  }

  /** A relay process is gone: nothing is open in it any more, and what is counted by its start is forgotten. */
  endInstance(relayInstance: string): void {
    for (const instances of this.#counters.values()) {
      const last = instances.get(relayInstance);
      if (last === undefined) continue;
      const ended = { ...last, open: 0 };
      delete ended.http;
      delete ended.datagrams;
      instances.set(relayInstance, ended);
    }
  }

  totalsOf(tunnelId: string): TunnelTotals {
    const instances = this.#counters.get(tunnelId);
    if (instances === undefined) return NO_TOTALS;
    let totals = NO_TOTALS;
    for (const counters of instances.values()) totals = addTotals(totals, counters);
    return totals;
  }

  openOf(tunnelId: string): number {
    let open = 0;
    for (const counters of this.#counters.get(tunnelId)?.values() ?? []) open += counters.open;
    return open;
  }

  /** Requests of an HTTP tunnel that wait for the end of their answer, WebSockets among them; null for other tunnels. */
  inFlightOf(tunnelId: string): number | null {
    const instances = [...(this.#counters.get(tunnelId)?.values() ?? [])];
    return instances.some(({ http }) => http !== undefined) ? this.openOf(tunnelId) : null;
  }

  /** Since the relay processes that run now were started; null where none has told of datagrams. */
  datagramsOf(tunnelId: string): DatagramCounts | null {
    const counts = [...(this.#counters.get(tunnelId)?.values() ?? [])].flatMap(
      ({ datagrams }) => datagrams ?? [],
    );
    const sum = (read: (count: DatagramCounts) => number): number =>
      counts.reduce((total, count) => total + read(count), 0);
    if (counts.length === 0) return null;
    return {
      in: sum((count) => count.in),
      out: sum((count) => count.out),
      dropped: sum((count) => count.dropped),
    };
  }

  /** What an HTTP tunnel answered since the relay processes that run now were started. */
  httpOf(tunnelId: string): HttpCounts {
    let counts = NO_HTTP_COUNTS;
    for (const { http } of this.#counters.get(tunnelId)?.values() ?? []) {
      if (http !== undefined) counts = addHttpCounts(counts, http);
    }
    return counts;
  }

  /** What changed since the last call and is not stored yet. */
  takeDirty(): readonly CounterRow[] {
    const rows = [...this.#dirty.values()];
    this.#dirty.clear();
    return rows;
  }

  /** Takes back rows that could not be stored, unless newer ones wait already. */
  putBack(rows: readonly CounterRow[]): void {
    for (const row of rows) {
      const key = dirtyKey(row);
      if (!this.#dirty.has(key)) this.#dirty.set(key, row);
    }
  }

  /** The tunnel is gone and nobody asks for its totals again. */
  forget(tunnelId: string): void {
    this.#counters.delete(tunnelId);
  }

  #instancesOf(tunnelId: string): Map<string, TunnelCounters> {
    const known = this.#counters.get(tunnelId);
    if (known !== undefined) return known;
    const fresh = new Map<string, TunnelCounters>();
    this.#counters.set(tunnelId, fresh);
    return fresh;
  }
}

export function addTotals(a: TunnelTotals, b: TunnelTotals): TunnelTotals {
  return {
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
    opened: a.opened + b.opened,
    failed: a.failed + b.failed,
  };
}

function totalsOnly(totals: TunnelTotals): TunnelTotals {
  const { bytesIn, bytesOut, opened, failed } = totals;
  return { bytesIn, bytesOut, opened, failed };
}

function dirtyKey(row: CounterRow): string {
  return `${row.relayInstance} ${row.tunnelId}`;
}

type Difference = Omit<TunnelDelta, "tunnelId" | "open">;

function subtract(now: TunnelCounters, before: Omit<TunnelCounters, "tunnelId">): Difference {
  const { http, datagrams } = now;
  return {
    bytesIn: now.bytesIn - before.bytesIn,
    bytesOut: now.bytesOut - before.bytesOut,
    opened: now.opened - before.opened,
    failed: now.failed - before.failed,
    ...(http && { http: subtractHttpCounts(http, before.http ?? NO_HTTP_COUNTS) }),
    ...(datagrams && { datagrams: subtractDatagrams(datagrams, before.datagrams ?? NO_DATAGRAMS) }),
  };
}

function listFigures({ http, datagrams, ...totals }: Difference): number[] {
  return [
    ...Object.values(totals),
    ...(http === undefined ? [] : httpFigures(http)),
    ...Object.values(datagrams ?? {}),
  ];
}

function subtractDatagrams(now: DatagramCounts, before: DatagramCounts): DatagramCounts {
  return {
    in: now.in - before.in,
    out: now.out - before.out,
    dropped: now.dropped - before.dropped,
  };
}
