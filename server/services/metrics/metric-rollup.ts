import { FINEST_SECONDS, FLEET_SCOPE, floorTo } from "./steps.ts";

/** What a tunnel did since the report before. */
export interface MetricDelta {
  readonly tunnelId: string;
  readonly clusterId: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly opened: number;
  readonly failed: number;
}

/** One step of one series. */
export interface MetricStep {
  readonly scope: string;
  /** Start, milliseconds since the epoch. */
  readonly at: number;
  bytesIn: number;
  bytesOut: number;
  opened: number;
  failed: number;
  open: number;
}

/** Steps that wait for being written, while the database does not answer; the oldest go first. */
const PENDING_STEPS_MAX = 60;

/**
 * Collects what relays report once a second into steps of ten seconds.
 *
 * Only what did something gets a point of its own. The fleet gets one for every step in which any relay reported, so
 * that readers can tell "nothing happened" from "nothing was measured".
 */
export class MetricRollup {
  readonly #steps = new Map<number, Map<string, MetricStep>>();

  /** A relay reported, whether or not anything happened. */
  add(atMs: number, deltas: readonly MetricDelta[]): void {
    const scopes = this.#stepAt(floorTo(atMs, FINEST_SECONDS));
    const fleet = pointOf(scopes, FLEET_SCOPE, atMs);
    for (const delta of deltas) {
      for (const point of [
        fleet,
        pointOf(scopes, delta.clusterId, atMs),
        pointOf(scopes, delta.tunnelId, atMs),
      ]) {
        point.bytesIn += delta.bytesIn;
        point.bytesOut += delta.bytesOut;
        point.opened += delta.opened;
        point.failed += delta.failed;
      }
    }
  }

  /**
   * Takes out the steps that are over.
   *
   * @param open connections open now, by scope; scopes that only hold quiet connections get a point, too.
   */
  take(nowMs: number, open: ReadonlyMap<string, number>): readonly MetricStep[] {
    const current = floorTo(nowMs, FINEST_SECONDS);
    const taken: MetricStep[] = [];
    for (const [at, scopes] of [...this.#steps]) {
      if (at >= current) continue;
      this.#steps.delete(at);
      for (const [scope, count] of open) pointOf(scopes, scope, at).open = count;
      taken.push(...scopes.values());
    }
    return taken;
  }

  /** Takes back what could not be written: it is added up with what was reported meanwhile. */
  putBack(steps: readonly MetricStep[]): void {
    for (const step of steps) {
      const point = pointOf(this.#stepAt(step.at), step.scope, step.at);
      point.bytesIn += step.bytesIn;
      point.bytesOut += step.bytesOut;
      point.opened += step.opened;
      point.failed += step.failed;
      point.open = step.open;
    }
  }

  #stepAt(at: number): Map<string, MetricStep> {
    const known = this.#steps.get(at);
    if (known !== undefined) return known;
    const scopes = new Map<string, MetricStep>();
    this.#steps.set(at, scopes);
    if (this.#steps.size > PENDING_STEPS_MAX) this.#steps.delete(Math.min(...this.#steps.keys()));
    return scopes;
  }
}

function pointOf(scopes: Map<string, MetricStep>, scope: string, atMs: number): MetricStep {
  const known = scopes.get(scope);
  if (known !== undefined) return known;
  const at = floorTo(atMs, FINEST_SECONDS);
  const fresh = { scope, at, bytesIn: 0, bytesOut: 0, opened: 0, failed: 0, open: 0 };
  scopes.set(scope, fresh);
  return fresh;
}
