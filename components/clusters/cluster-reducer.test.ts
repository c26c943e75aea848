import { expect, it } from "vitest";
import { ClusterDto, type ClusterStatus } from "#protocol/api/clusters.ts";
import { fleetTotals, withCluster, withoutCluster } from "./cluster-reducer.ts";

const AT = "2026-11-21T14:00:00.000Z";
const cluster = (n: number, name: string, status: ClusterStatus = "connected"): ClusterDto =>
  ClusterDto.parse({
    id: `cl_00000000${n}`,
    name,
    status,
    type: "private",
    forceTunnel: false,
    forcedBy: null,
    agents: { connected: 2, total: 2 },
    kubernetesVersion: null,
    discovery: "files",
    tunnels: { active: 1, total: 3 },
    connections: { open: 5 },
    bytes: { in: 0, out: 0 },
    lastSeenAt: AT,
    createdAt: AT,
  });

const names = (page: { readonly items: readonly ClusterDto[] }): string[] =>
  page.items.map(({ name }) => name);
const page = { items: [cluster(1, "a"), cluster(2, "c")], nextCursor: null };

it("replaces a cluster in its place, even under a new name", () => {
  expect(names(withCluster(page, cluster(1, "z")))).toEqual(["z", "c"]);
});

it("puts a new cluster where its name belongs", () => {
  expect(names(withCluster(page, cluster(3, "b")))).toEqual(["a", "b", "c"]);
});

it("takes a cluster out", () => {
  expect(names(withoutCluster(page, "cl_000000001"))).toEqual(["c"]);
});

it("counts degraded clusters as connected, and offline ones not", () => {
  const clusters = [cluster(1, "a"), cluster(2, "b", "degraded"), cluster(3, "c", "offline")];
  expect(fleetTotals(clusters)).toEqual({
    clusters: 3,
    connected: 2,
    agents: 6,
    tunnels: 9,
    activeTunnels: 3,
    connectionsOpen: 15,
  });
});
