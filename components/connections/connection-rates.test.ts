import { describe, expect, it } from "vitest";
import { ConnectionRates } from "./connection-rates.ts";

function setup() {
  let now = 0;
  const rates = new ConnectionRates(() => now);
  return {
    rates,
    after: (ms: number) => (now += ms),
    seen: (total: number) => rates.update([{ id: "a", bytes: { in: total, out: 0 } }], []),
  };
}

describe("ConnectionRates", () => {
  it("measures between two counters", () => {
    const { rates, after, seen } = setup();
    rates.begin([{ id: "a", bytes: { in: 100, out: 0 } }]);
    after(1_000);
    seen(600);
    expect(rates.perSecond("a")).toBe(500);
  });

  it("falls to nothing when nothing is heard", () => {
    const { rates, after, seen } = setup();
    seen(0);
    after(1_000);
    seen(500);
    after(3_000);
    expect(rates.perSecond("a")).toBe(0);
  });

  it("does not spread a burst over the silence before it", () => {
    const { rates, after, seen } = setup();
    seen(0);
    after(60_000);
    seen(1_250);
    expect(rates.perSecond("a")).toBe(1_000);
  });

  it("ignores a batch that comes twice", () => {
    const { rates, after, seen } = setup();
    seen(0);
    after(1_000);
    seen(500);
    seen(500);
    expect(rates.perSecond("a")).toBe(500);
  });

  it("forgets what closed", () => {
    const { rates, after, seen } = setup();
    seen(0);
    after(1_000);
    seen(500);
    rates.update([], ["a"]);
    expect(rates.perSecond("a")).toBe(0);
  });

  it("tells its listeners once per batch", () => {
    const { rates, seen } = setup();
    let calls = 0;
    const stop = rates.subscribe(() => (calls += 1));
    seen(1);
    stop();
    seen(2);
    expect(calls).toBe(1);
  });
});
