import { describe, expect, it } from "vitest";
import { makeTunnel } from "./testing/make-tunnel.ts";
import {
  filterTunnels,
  nextSort,
  parseSort,
  printSort,
  sortTunnels,
  type TunnelFilter,
} from "./tunnel-view.ts";

const ALL: TunnelFilter = {
  text: "",
  protocol: "any",
  mode: "any",
  status: "any",
  clusterId: "any",
};
const postgres = makeTunnel({ id: "tn_00000001" });
const redis = makeTunnel({
  id: "tn_00000002",
  listener: { name: "redis-2", port: 6379, hostnames: [] },
  connections: { open: 9, total: 9 },
  enabled: false,
});
const forced = makeTunnel({
  id: "tn_00000003",
  listener: { name: "redis-10", port: 6379, hostnames: [] },
  routingMode: { desired: "tunnel", effective: "tunnel", reason: "", forced: true },
  phase: "degraded",
});
const tunnels = [forced, redis, postgres];
const filter = (change: Partial<TunnelFilter>) =>
  filterTunnels(tunnels, { ...ALL, ...change }).map(({ id }) => id);

describe("filterTunnels", () => {
  it("lets everything through at first", () => {
    expect(filter({})).toHaveLength(3);
  });

  it("finds every word somewhere: name, address, backend, cluster", () => {
    expect(filter({ text: "orders-db 15002 frankfurt postgres" })).toEqual([postgres.id]);
    expect(filter({ text: "postgres nowhere" })).toEqual([]);
  });

  it("tells switched off and forced from the rest", () => {
    expect(filter({ status: "off" })).toEqual([redis.id]);
    expect(filter({ mode: "forced" })).toEqual([forced.id]);
    expect(filter({ status: "active" })).toEqual([postgres.id]);
  });
});

describe("sortTunnels", () => {
  const sorted = (text: string, rate: (id: string) => number = () => 0) =>
    sortTunnels(tunnels, parseSort(text), ({ id }) => rate(id)).map(({ id }) => id);

  it("counts numbers in names", () => {
    expect(sorted("name")).toEqual([postgres.id, redis.id, forced.id]);
  });

  it("puts what needs attention first", () => {
    expect(sorted("status")[0]).toBe(forced.id);
  });

  it("puts the most first, the least when reversed", () => {
    expect(sorted("open")[0]).toBe(redis.id);
    expect(sorted("-open")[2]).toBe(redis.id);
    expect(sorted("now", (id) => (id === postgres.id ? 5 : 0))[0]).toBe(postgres.id);
  });
});

describe("the sort in the URL", () => {
  it("turns round at the second click and survives the way through the URL", () => {
    const first = nextSort(parseSort("name"), "open");
    expect(printSort(first)).toBe("open");
    const second = nextSort(first, "open");
    expect(parseSort(printSort(second))).toEqual({ by: "open", isReversed: true });
  });

  it("falls back to the name", () => {
    expect(parseSort("nonsense").by).toBe("name");
  });
});
