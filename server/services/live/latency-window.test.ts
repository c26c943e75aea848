import { describe, expect, it } from "vitest";
import { HTTP_LATENCY_BOUNDS_MS } from "#protocol/api/http-figures.ts";
import { LatencyWindow } from "./latency-window.ts";

const MINUTE = 60_000;
/** In the middle of a minute. */
const NOW = 1_000 * MINUTE + 30_000;
const TUNNEL = "tn_1";

/** Some answers that took from one bound to the next. */
function answers(count: number, upToMs: (typeof HTTP_LATENCY_BOUNDS_MS)[number]): number[] {
  const counts = [...HTTP_LATENCY_BOUNDS_MS, Infinity].map(() => 0);
  counts[HTTP_LATENCY_BOUNDS_MS.indexOf(upToMs)] = count;
  return counts;
}

describe("LatencyWindow", () => {
  it("knows nothing of a tunnel that nobody asked, or that answered nothing", () => {
    const window = new LatencyWindow();
    window.add(TUNNEL, answers(0, 10), NOW);
    expect(window.percentilesOf(TUNNEL, NOW)).toBeNull();
    expect(window.percentilesOf("tn_2", NOW)).toBeNull();
  });

  it("adds up what is reported, tunnel by tunnel", () => {
    const window = new LatencyWindow();
    window.add(TUNNEL, answers(1, 10), NOW);
    window.add(TUNNEL, answers(3, 10), NOW + 1_000);
    window.add("tn_2", answers(100, 1_000), NOW);
    const found = window.percentilesOf(TUNNEL, NOW + 1_000);
    expect(found).toMatchObject({ p50: 8.5, p90: 9.7 });
    expect(found?.p99).toBeCloseTo(9.97);
  });

  it("forgets answers once they are more than five minutes old, a minute's at a time", () => {
    const window = new LatencyWindow();
    window.add(TUNNEL, answers(99, 1_000), NOW);
    window.add(TUNNEL, answers(1, 10), NOW + 4 * MINUTE);
    expect(window.percentilesOf(TUNNEL, NOW + 5 * MINUTE)?.p50).toBeGreaterThan(700);
    expect(window.percentilesOf(TUNNEL, NOW + 6 * MINUTE)?.p99).toBeLessThan(10);
    expect(window.percentilesOf(TUNNEL, NOW + 10 * MINUTE)).toBeNull();
  });

  it("counts the report of a relay whose clock is behind", () => {
    const window = new LatencyWindow();
    window.add(TUNNEL, answers(1, 10), NOW);
    window.add(TUNNEL, answers(9, 1_000), NOW - 2 * MINUTE);
    expect(window.percentilesOf(TUNNEL, NOW)?.p50).toBeGreaterThan(700);
  });

  it("forgets a tunnel", () => {
    const window = new LatencyWindow();
    window.add(TUNNEL, answers(1, 10), NOW);
    window.forget(TUNNEL);
    expect(window.percentilesOf(TUNNEL, NOW)).toBeNull();
  });
});
