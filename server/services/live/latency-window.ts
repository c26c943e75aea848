import { HTTP_LATENCY_BOUNDS_MS } from "#protocol/api/http-figures.ts";
import { percentiles, type Percentiles } from "./percentiles.ts";

/** How far back percentiles look, milliseconds: they cover between five and six minutes. */
const WINDOW_MS = 300_000;
const SLOT_MS = 60_000;

/** What one tunnel answered in one minute. */
interface Slot {
  /** Milliseconds since the epoch. */
  readonly startAt: number;
  readonly counts: number[];
}

/** How long HTTP tunnels took to answer in the last minutes. It knows no clock: every call says what time it is. */
export class LatencyWindow {
  /** Of each tunnel, the oldest first. */
  readonly #slots = new Map<string, Slot[]>();

  /** @param counts answers since the call before, by HTTP_LATENCY_BOUNDS_MS. */
  add(tunnelId: string, counts: readonly number[], atMs: number): void {
    if (counts.every((count) => count === 0)) return;
    const slots = this.#slotsOf(tunnelId, atMs);
    const startAt = Math.floor(atMs / SLOT_MS) * SLOT_MS;
    let slot = slots.at(-1);
    // A relay whose clock is behind adds to the newest minute.
    if (slot === undefined || slot.startAt < startAt) {
      slot = { startAt, counts: counts.map(() => 0) };
      slots.push(slot);
    }
    for (const [i, count] of counts.entries()) slot.counts[i] = (slot.counts[i] ?? 0) + count;
    this.#slots.set(tunnelId, slots);
  }

  /** Milliseconds to the head of the answer; null while nobody asked. */
  percentilesOf(tunnelId: string, nowMs: number): Percentiles | null {
    const sums: number[] = [];
    for (const { counts } of this.#slotsOf(tunnelId, nowMs)) {
      for (const [i, count] of counts.entries()) sums[i] = (sums[i] ?? 0) + count;
    }
    return percentiles(HTTP_LATENCY_BOUNDS_MS, sums);
  }

  forget(tunnelId: string): void {
    this.#slots.delete(tunnelId);
  }

  #slotsOf(tunnelId: string, nowMs: number): Slot[] {
    const slots = this.#slots.get(tunnelId) ?? [];
    return slots.filter(({ startAt }) => startAt + SLOT_MS > nowMs - WINDOW_MS);
  }
}
