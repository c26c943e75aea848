import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpBackend } from "#protocol/control/http-routing.ts";
import { backendOf, ruleOf } from "../testing/http-rule.ts";
import { pickHttpBackend } from "./pick-http-backend.ts";

const NONE: ReadonlySet<HttpBackend> = new Set();

/** What each of so many evenly spread numbers picks, counted. */
function spread(backends: HttpBackend[], count: number, tried = NONE): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i += 1) {
    const picked = pickHttpBackend(ruleOf("it", { backends }), () => i / count, tried);
    const name = "failure" in picked ? picked.failure : picked.backend.name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe("choosing a backend", () => {
  it("shares by weight", () => {
    const backends = [70, 30, 0].map((weight, i) => backendOf(`b${i}`, { weight }));
    expect(spread(backends, 100)).toEqual({ b0: 70, b1: 30 });
  });

  it("leaves the share of one that is not ready to the others", () => {
    const backends = [
      backendOf("a", { weight: 2, ready: false }),
      backendOf("b", { weight: 1 }),
      backendOf("c", { weight: 3 }),
    ];
    expect(spread(backends, 100)).toEqual({ b: 25, c: 75 });
  });

  it("lets a wrong reference keep its share, which fails", () => {
    const backends = [backendOf("a"), backendOf("b", { isInvalid: true, ready: false })];
    expect(spread(backends, 100)).toEqual({ a: 50, route_invalid: 50 });
    expect(spread([backendOf("b", { isInvalid: true })], 10)).toEqual({ route_invalid: 10 });
  });

  it("fails for want of a ready one", () => {
    expect(spread([backendOf("a", { ready: false })], 10)).toEqual({ no_backend: 10 });
  });

  it("takes a rule without backends, or with weights of nothing, for one that cannot be carried out", () => {
    expect(spread([], 10)).toEqual({ route_invalid: 10 });
    expect(spread([backendOf("a", { weight: 0 })], 10)).toEqual({ route_invalid: 10 });
  });

  it("goes elsewhere the second time, and never to a wrong reference then", () => {
    const [a, b, c] = [backendOf("a"), backendOf("b"), backendOf("c", { isInvalid: true })];
    expect(spread([a, b, c], 10, new Set([a]))).toEqual({ b: 10 });
    expect(spread([a, b, c], 10, new Set([a, b]))).toEqual({ no_backend: 10 });
  });

  it("never picks what may not be picked", () => {
    const backend = fc.record({
      weight: fc.nat(3),
      ready: fc.boolean(),
      isInvalid: fc.boolean(),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(backend, { maxLength: 5 }), random, (overs, number) => {
        const backends = overs.map((over, i) => backendOf(String(i), over));
        const tried = new Set(backends.slice(0, 1));
        for (const before of [NONE, tried]) {
          const picked = pickHttpBackend(ruleOf("it", { backends }), () => number, before);
          const usable = backends.filter(
            (one) => one.weight > 0 && one.ready && !one.isInvalid && !before.has(one),
          );
          if ("backend" in picked) expect(usable).toContain(picked.backend);
          else if (picked.failure === "no_backend") expect(usable).toEqual([]);
        }
      }),
    );
  });
});
