import { useCallback, useSyncExternalStore } from "react";
import type { LiveMetric } from "#protocol/live/events.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** Fifteen minutes of seconds, the shortest range a chart shows, and a little more. */
export const METRIC_POINTS_MAX = 960;
/** Scopes whose history is kept at once; the one unused for longest goes first. */
export const METRIC_SCOPES_MAX = 1_000;
/** Scopes whose newest second is kept: more than one page can list. */
const LATEST_SCOPES_MAX = 20_000;

type Listener = () => void;

/** The last quarter of an hour of every scope, second by second, outside of React. */
export class MetricStore {
  readonly #scopes = new Map<string, RingBuffer<LiveMetric>>();
  /** Apart from the history: thousands of tunnels may move in the same second. */
  readonly #latest = new Map<string, LiveMetric>();
  readonly #listeners = new Map<string, Set<Listener>>();

  push(points: readonly LiveMetric[]): void {
    const touched = new Set<string>();
    const late: LiveMetric[] = [];
    for (const point of points) {
      const last = this.latest(point.scope);
      if (last !== null && point.at <= last.at) {
        late.push(point);
        continue;
      }
      this.#buffer(point.scope).push(point);
      this.#remember(point);
      touched.add(point.scope);
    }
    for (const scope of this.#insert(late)) touched.add(scope);
    for (const scope of touched) {
      for (const listener of [...(this.#listeners.get(scope) ?? [])]) listener();
    }
  }

  /**
   * Puts points where they belong that are older than what is known: a room tells its last seconds to whoever enters it,
   * and a wider room may have told newer ones before.
   *
   * @returns the scopes that had not known them.
   */
  #insert(late: readonly LiveMetric[]): readonly string[] {
    return [...Map.groupBy(late, ({ scope }) => scope)].flatMap(([scope, points]) => {
      const known = this.#buffer(scope).toArray();
      const times = new Set(known.map(({ at }) => at));
      const fresh = points.filter(({ at }) => !times.has(at));
      if (fresh.length === 0) return [];
      const merged = new RingBuffer<LiveMetric>(METRIC_POINTS_MAX);
      for (const point of [...known, ...fresh].toSorted((a, b) => a.at - b.at)) merged.push(point);
      this.#scopes.set(scope, merged);
      return [scope];
    });
  }

  #remember(point: LiveMetric): void {
    if (!this.#latest.has(point.scope) && this.#latest.size >= LATEST_SCOPES_MAX) {
      const [oldest] = this.#latest.keys();
      if (oldest !== undefined) this.#latest.delete(oldest);
    }
    this.#latest.set(point.scope, point);
  }

  #buffer(scope: string): RingBuffer<LiveMetric> {
    const found = this.#scopes.get(scope);
    if (found !== undefined) {
      // Map order is the order of use.
      this.#scopes.delete(scope);
      this.#scopes.set(scope, found);
      return found;
    }
    if (this.#scopes.size >= METRIC_SCOPES_MAX) {
      const [oldest] = this.#scopes.keys();
      if (oldest !== undefined) this.#scopes.delete(oldest);
    }
    const created = new RingBuffer<LiveMetric>(METRIC_POINTS_MAX);
    this.#scopes.set(scope, created);
    return created;
  }

  /** The newest point of a scope. The same object until a newer one arrives. */
  latest(scope: string): LiveMetric | null {
    return this.#latest.get(scope) ?? null;
  }

  /** Points of a scope newer than a time, oldest first. A copy. */
  since(scope: string, sinceMs: number): LiveMetric[] {
    const points = this.#scopes.get(scope)?.toArray() ?? [];
    return points.filter((point) => point.at > sinceMs);
  }

  subscribe(scope: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(scope) ?? new Set<Listener>();
    this.#listeners.set(scope, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(scope);
    };
  }
}

export const metricStore = new MetricStore();

/** The newest second of a scope, or null before the first. Only what changes is sent, so it stays true. */
export function useLatestMetric(scope: string): LiveMetric | null {
  const subscribe = useCallback(
    (listener: Listener) => metricStore.subscribe(scope, listener),
    [scope],
  );
  return useSyncExternalStore(
    subscribe,
    () => metricStore.latest(scope),
    () => null,
  );
}
