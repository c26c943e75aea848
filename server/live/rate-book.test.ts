import { describe, expect, it } from "vitest";
import { RateBook } from "./rate-book.ts";

const tunnel = (tunnelId: string, bytesIn: number, opened = 0) => ({
  tunnelId,
  clusterId: "cl_a",
  bytesIn,
  bytesOut: 0,
  opened,
  failed: 0,
});
const report = (relayId: string, tunnels: ReturnType<typeof tunnel>[], spanMs = 1_000) => ({
  relayId,
  at: 0,
  spanMs,
  tunnels,
});
const take = (book: RateBook) =>
  Object.fromEntries(book.take(5, () => 3).map((metric) => [metric.scope, metric]));

describe("RateBook", () => {
  it("sums up over tunnels and relays, for the fleet, each cluster and each tunnel", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 100, 1), tunnel("tn_2", 10)]));
    book.report(report("rl_2", [tunnel("tn_1", 1, 2)]));
    const metrics = take(book);
    expect(metrics["fleet"]).toEqual({
      at: 5,
      scope: "fleet",
      bytesInPerSecond: 111,
      bytesOutPerSecond: 0,
      connectionsOpen: 3,
      connectionsOpened: 3,
      connectionsFailed: 0,
      bytesIn: 111,
      bytesOut: 0,
    });
    expect(metrics["cluster:cl_a"]?.bytesInPerSecond).toBe(111);
    expect(metrics["tunnel:tn_1"]?.bytesInPerSecond).toBe(101);
    expect(metrics["tunnel:tn_2"]?.bytesInPerSecond).toBe(10);
  });

  it("is a rate: a report over two seconds counts half", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 100)], 2_000));
    expect(take(book)["tunnel:tn_1"]).toMatchObject({ bytesInPerSecond: 50, bytesIn: 100 });
  });

  it("shows only what changed, and what became quiet once more", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 100), tunnel("tn_2", 1)]));
    take(book);
    expect(take(book)).toEqual({});
    book.report(report("rl_1", [tunnel("tn_2", 1)]));
    const metrics = take(book);
    expect(metrics["tunnel:tn_1"]?.bytesInPerSecond).toBe(0);
    expect(metrics["fleet"]?.bytesInPerSecond).toBe(1);
    book.report(report("rl_1", [tunnel("tn_2", 1)]));
    expect(Object.keys(take(book))).not.toContain("tunnel:tn_1");
  });

  it("loses nothing that was counted between two takes, and counts nothing twice", () => {
    const book = new RateBook();
    book.report(report("rl_1", [{ ...tunnel("tn_1", 10, 2), failed: 1 }]));
    book.report(report("rl_1", [tunnel("tn_1", 20, 3)]));
    expect(take(book)["fleet"]).toMatchObject({
      connectionsOpened: 5,
      connectionsFailed: 1,
      bytesIn: 30,
    });
    book.touch("tn_1", "cl_a");
    expect(take(book)["fleet"]).toMatchObject({ connectionsOpened: 0, bytesIn: 0 });
  });

  it("loses no opened connection of a tunnel that is quiet right after", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 0, 2)]));
    book.report(report("rl_1", []));
    expect(take(book)["tunnel:tn_1"]?.connectionsOpened).toBe(2);
  });

  it("takes a relay's share away when the relay is gone", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 100)]));
    book.report(report("rl_2", [tunnel("tn_1", 7)]));
    book.relayGone("rl_1");
    expect(take(book)["tunnel:tn_1"]?.bytesInPerSecond).toBe(7);
  });
});
