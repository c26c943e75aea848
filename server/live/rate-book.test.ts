import { describe, expect, it } from "vitest";
import { RateBook } from "./rate-book.ts";

const tunnel = (tunnelId: string, bytesIn: number, opened = 0) => ({
  tunnelId,
  clusterId: "cl_a",
  bytesIn,
  bytesOut: 0,
  opened,
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
    });
    expect(metrics["cluster:cl_a"]?.bytesInPerSecond).toBe(111);
    expect(metrics["tunnel:tn_1"]?.bytesInPerSecond).toBe(101);
    expect(metrics["tunnel:tn_2"]?.bytesInPerSecond).toBe(10);
  });

  it("is a rate: a report over two seconds counts half", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 100)], 2_000));
    expect(take(book)["tunnel:tn_1"]?.bytesInPerSecond).toBe(50);
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

  it("loses no opened connection between two takes, and counts none twice", () => {
    const book = new RateBook();
    book.report(report("rl_1", [tunnel("tn_1", 0, 2)]));
    book.report(report("rl_1", [tunnel("tn_1", 0, 3)]));
    expect(take(book)["fleet"]?.connectionsOpened).toBe(5);
    book.touch("tn_1", "cl_a");
    expect(take(book)["fleet"]?.connectionsOpened).toBe(0);
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
