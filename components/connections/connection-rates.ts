import { useSyncExternalStore } from "react";
import type { ByteCounts } from "#protocol/api/common.ts";

interface Measured {
  readonly bytes: number;
  readonly at: number;
  readonly perSecond: number;
}

interface CountedBytes {
  readonly id: string;
  readonly bytes: ByteCounts;
}

/** Only what moved is sent, once a second: silence for longer than this means nothing moves. */
const SILENT_AFTER_MS = 2_500;
/** Batches that arrive together tell nothing about speed. */
const SPAN_MIN_MS = 250;
/** Connections remembered at once. */
const CONNECTIONS_MAX = 20_000;

/** How fast each open connection moves now, in both directions together, from its counters. */
export class ConnectionRates {
  readonly #measured = new Map<string, Measured>();
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  #version = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Where a connection stands, when it is first seen. Changes nothing for one that is known. */
  begin(connections: readonly CountedBytes[]): void {
    const at = this.#now();
    for (const { id, bytes } of connections) {
      if (this.#measured.has(id) || this.#measured.size >= CONNECTIONS_MAX) continue;
      this.#measured.set(id, { bytes: bytes.in + bytes.out, at, perSecond: 0 });
    }
  }

  update(changed: readonly CountedBytes[], closedIds: readonly string[]): void {
    const at = this.#now();
    for (const id of closedIds) this.#measured.delete(id);
    for (const { id, bytes } of changed) this.#measure(id, bytes.in + bytes.out, at);
    this.#version += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  #measure(id: string, bytes: number, at: number): void {
    const last = this.#measured.get(id);
    if (last === undefined) {
      if (this.#measured.size < CONNECTIONS_MAX)
        this.#measured.set(id, { bytes, at, perSecond: 0 });
      return;
    }
    const spanMs = at - last.at;
    if (spanMs < SPAN_MIN_MS) return;
    // After silence the bytes moved in the last second, not in all the time since.
    const seconds = Math.min(spanMs, SILENT_AFTER_MS / 2) / 1_000;
    this.#measured.set(id, { bytes, at, perSecond: Math.max(0, bytes - last.bytes) / seconds });
  }

  /** Bytes per second; 0 while nothing moves. */
  perSecond(id: string): number {
    const last = this.#measured.get(id);
    return last === undefined || this.#now() - last.at > SILENT_AFTER_MS ? 0 : last.perSecond;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  version = (): number => this.#version;
}

export const connectionRates = new ConnectionRates();

/** Renders again whenever rates were measured, once a second at most. */
export function useConnectionRates(): ConnectionRates {
  useSyncExternalStore(connectionRates.subscribe, connectionRates.version, () => 0);
  return connectionRates;
}
