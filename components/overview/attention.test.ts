import { describe, expect, it } from "vitest";
import { makeDirectTunnel } from "#components/tunnels/testing/make-direct.ts";
import { makeTunnel } from "#components/tunnels/testing/make-tunnel.ts";
import { ClusterDto } from "#protocol/api/clusters.ts";
import { ClusterId } from "#protocol/api/ids.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { findAttention } from "./attention.ts";

const AT = "2026-11-21T14:00:00.000Z";
const NOW = new Date(AT).getTime() + 17 * 60_000;

const cluster = (status: ClusterDto["status"], n = 1): ClusterDto =>
  ClusterDto.parse({
    id: `cl_00000000${n}`,
    name: `cluster-${n}`,
    status,
    type: "private",
    forceTunnel: false,
    forcedBy: null,
    agents: { connected: 1, total: 2 },
    kubernetesVersion: null,
    discovery: "files",
    tunnels: { active: 0, total: 4 },
    connections: { open: 0 },
    bytes: { in: 0, out: 0 },
    lastSeenAt: AT,
    createdAt: AT,
  });

const tunnel = (given: Partial<TunnelDto>): TunnelDto =>
  makeTunnel({
    id: "tn_000000001",
    clusterId: ClusterId.parse("cl_000000001"),
    clusterName: "cluster-1",
    agents: [],
    ...given,
  });

const titles = (input: Partial<Parameters<typeof findAttention>[0]>): string[] =>
  findAttention({ clusters: [], tunnels: [], relays: [], now: NOW, ...input }).map(
    ({ title }) => title,
  );

describe("what needs attention", () => {
  it("is nothing while all is well", () => {
    expect(titles({ clusters: [cluster("connected")], tunnels: [tunnel({})] })).toEqual([]);
  });

  it("comes with the worst first", () => {
    const clusters = [cluster("waiting", 1), cluster("degraded", 2), cluster("offline", 3)];
    expect(titles({ clusters })).toEqual([
      "cluster-3 is offline",
      "cluster-2 is degraded",
      "cluster-1 waits for its agent",
    ]);
  });

  it("is a service that has not answered since it last failed, with what it did and when", () => {
    const lastError = { reason: "dial_refused", at: AT, isOver: false };
    const items = (change: Partial<TunnelDto>) =>
      findAttention({
        clusters: [],
        tunnels: [tunnel({ agents: ["a"], lastError, ...change })],
        relays: [],
        now: NOW,
      });
    expect(items({})).toMatchObject([
      {
        tone: "warning",
        title: "postgres does not reach its service",
        detail: "Service refused the connection when it was last tried, 17 min ago.",
      },
    ]);
    const forbidden = items({ lastError: { ...lastError, reason: "dial_forbidden" } });
    expect(forbidden[0]?.detail).toMatch(/^Agent may not dial this target when it was last tried/);
    expect(items({ lastError: { ...lastError, isOver: true } })).toEqual([]);
    expect(items({ lastError: { ...lastError, reason: "agent_lost" } })).toEqual([]);
    expect(items({ enabled: false })).toEqual([]);
  });

  it("names the reason a tunnel is pending", () => {
    const pending = tunnel({ phase: "pending", phaseReason: "No route is attached." });
    const [item] = findAttention({ clusters: [], tunnels: [pending], relays: [], now: NOW });
    expect(item).toMatchObject({ title: "postgres is pending", detail: "No route is attached." });
  });

  it("does not repeat an offline cluster for each of its tunnels", () => {
    const down = [tunnel({ phase: "degraded" })];
    expect(titles({ clusters: [cluster("offline")], tunnels: down })).toEqual([
      "cluster-1 is offline",
    ]);
  });

  it("leaves out what an operator switched off", () => {
    expect(titles({ tunnels: [tunnel({ phase: "pending", enabled: false })] })).toEqual([]);
  });

  describe("of direct addresses", () => {
    const soon = new Date("2026-11-21T14:02:10.000Z").getTime();
    const at = (now: number, given: TunnelDto) =>
      findAttention({ clusters: [], tunnels: [given], relays: [], now });

    it("names one that does not answer, with the reason and since when", () => {
      const [item] = at(NOW, makeDirectTunnel({ state: "not_answering" }));
      expect(item).toMatchObject({ tone: "warning", title: "postgres is not served directly" });
      expect(item?.detail).toMatch(/since \d\d:\d\d: nothing answered at 198\.51\.100\.7:5432\./);
    });

    it("leaves a first check the time it takes", () => {
      const fresh = makeDirectTunnel({ state: "unverified" });
      expect(at(soon, fresh)).toEqual([]);
      expect(at(NOW, fresh)).toHaveLength(1);
    });

    it("asks nobody to look where the address answers, or where no mode wants it", () => {
      expect(at(NOW, makeDirectTunnel())).toEqual([]);
      expect(at(NOW, makeDirectTunnel({ wanted: "tunnel" }))).toEqual([]);
    });

    it("says once what is unreachable and not served directly either", () => {
      const lost = makeDirectTunnel({ state: "not_answering", agents: [], phase: "degraded" });
      const items = at(NOW, lost);
      expect(items).toMatchObject([{ tone: "danger", title: "postgres is unreachable" }]);
    });
  });

  it("does not call a tunnel lost that is served directly while its cluster is offline", () => {
    const direct = makeDirectTunnel({
      clusterId: cluster("offline").id,
      phase: "degraded",
      agents: [],
    });
    const [item] = findAttention({
      clusters: [cluster("offline")],
      tunnels: [direct],
      relays: [],
      now: NOW,
    });
    expect(item?.detail).toContain(
      "3 tunnels cannot take new clients. 1 tunnel is served directly.",
    );
  });
});
