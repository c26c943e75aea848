import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FORGIVE_MS,
  NEVER_PROBED,
  nextProbeMs,
  observe,
  PROBE_INTERVAL_MS,
  STABLE_MAX_MS,
  STABLE_MIN_MS,
  stableMs,
  type DirectHealth,
} from "./direct-health.ts";

/** Jitter and a connect that times out, milliseconds: what a probe may add to its interval. */
const JITTER = 1.1;
const TIMEOUT_MS = 2_000;

/** Probes in a row, each as long after the one before as the health asks for. */
function probe(
  health: DirectHealth,
  answers: readonly boolean[],
  startMs: number,
): { health: DirectHealth; nowMs: number; changes: { state: string; atMs: number }[] } {
  let current = health;
  let nowMs = startMs;
  const changes: { state: string; atMs: number }[] = [];
  for (const isAnswering of answers) {
    const tookMs = isAnswering ? 1 : TIMEOUT_MS;
    nowMs += tookMs;
    const next = observe(current, isAnswering, nowMs);
    if (next.state !== current.state) changes.push({ state: next.state, atMs: nowMs });
    current = next;
    nowMs += nextProbeMs(current, tookMs) * JITTER;
  }
  return { health: current, nowMs, changes };
}

const times = (count: number, value: boolean): boolean[] =>
  Array.from({ length: count }, () => value);

const runs = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean());

describe("the health of a direct address", () => {
  it("is believed after three successes in a row, and not after two and a failure", () => {
    expect(probe(NEVER_PROBED, [true, true], 0).health.state).toBe("unverified");
    expect(probe(NEVER_PROBED, [true, true, false, true, true], 0).health.state).toBe("unverified");
    expect(probe(NEVER_PROBED, times(3, true), 0).health.state).toBe("verified");
  });

  it("is verified within two seconds of the first answer", () => {
    expect(probe(NEVER_PROBED, times(3, true), 0).changes[0]?.atMs).toBeLessThan(2_000);
  });

  it("survives two failures and not three", () => {
    const { health, nowMs } = probe(NEVER_PROBED, times(3, true), 0);
    expect(probe(health, [false, false, true, false, false], nowMs).health.state).toBe("verified");
    expect(probe(health, times(3, false), nowMs).health.state).toBe("not_answering");
  });

  it("is lost within nine seconds of the last answer, however late the timeouts come", () => {
    const { health, nowMs } = probe(NEVER_PROBED, times(3, true), 0);
    const lastAnswerMs = nowMs - PROBE_INTERVAL_MS * JITTER;
    const { changes } = probe(health, times(3, false), nowMs);
    expect(changes[0]).toMatchObject({ state: "not_answering" });
    expect((changes[0]?.atMs ?? Infinity) - lastAnswerMs).toBeLessThan(9_000);
  });

  it("comes back once it was stable for ten seconds, and a failure starts them anew", () => {
    const lost = probe(NEVER_PROBED, [...times(3, true), ...times(3, false)], 0);
    const again = probe(lost.health, times(20, true), lost.nowMs);
    expect(again.changes).toHaveLength(1);
    const backAfterMs = (again.changes[0]?.atMs ?? 0) - lost.nowMs;
    expect(backAfterMs).toBeGreaterThanOrEqual(STABLE_MIN_MS);
    expect(backAfterMs).toBeLessThan(STABLE_MIN_MS + 2 * PROBE_INTERVAL_MS);
    const shaky = [...times(4, true), false, ...times(4, true), false];
    expect(probe(lost.health, shaky, lost.nowMs).changes).toEqual([]);
  });

  it("takes twice as long after each loss, up to a bound, and is forgiven after a good time", () => {
    let { health, nowMs } = probe(NEVER_PROBED, times(3, true), 0);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      ({ health, nowMs } = probe(health, times(3, false), nowMs));
      waits.push(stableMs(health));
      ({ health, nowMs } = probe(health, times(200, true), nowMs));
      health = { ...health, verifiedAtMs: nowMs };
    }
    expect(waits.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(waits.at(-1)).toBe(STABLE_MAX_MS);
    const forgiven = probe(health, times(3, false), nowMs + FORGIVE_MS);
    expect(stableMs(forgiven.health)).toBe(STABLE_MIN_MS);
  });

  it("is asked less often once it has not answered for a minute", () => {
    const { health } = probe(NEVER_PROBED, times(40, false), 0);
    expect(nextProbeMs(health, 0)).toBe(10_000);
  });

  it("never comes back sooner than it has to be stable, whatever the answers", () => {
    fc.assert(
      fc.property(fc.array(runs, { maxLength: 60 }), (rows) => {
        const answers = rows.flatMap(([count, isAnswering]) => times(count, isAnswering));
        const { changes } = probe(NEVER_PROBED, answers, 0);
        let requiredMs = STABLE_MIN_MS;
        for (const [i, { state, atMs }] of changes.entries()) {
          const before = changes[i - 1];
          if (before === undefined) {
            expect(state).toBe("verified");
            continue;
          }
          expect(state).not.toBe(before.state);
          if (state !== "verified") continue;
          expect(atMs - before.atMs).toBeGreaterThanOrEqual(requiredMs);
          const lasted = (changes[i + 1]?.atMs ?? Infinity) - atMs;
          requiredMs =
            lasted >= FORGIVE_MS ? STABLE_MIN_MS : Math.min(requiredMs * 2, STABLE_MAX_MS);
        }
      }),
    );
  });
});
