import { describe, expect, it } from "vitest";
import { factsOf, httpTunnelOf, routingOf, ruleOf } from "../testing/http-rule.ts";
import { HostTable } from "./host-table.ts";

const idOf = (table: HostTable, host: string): number | null => {
  const found = table.find(host);
  return found === null ? null : Number(found.tunnel.id.slice(3));
};

describe("finding a tunnel by host name", () => {
  it("finds each by its own name, and says that it was that", () => {
    const table = new HostTable([
      httpTunnelOf(1, { hostnames: ["a.test"] }),
      httpTunnelOf(2, { port: 81 }),
    ]);
    expect(idOf(table, "edge-1.tunnels.test")).toBe(1);
    expect(table.find("edge-1.tunnels.test")?.isOwnName).toBe(true);
    expect(table.find("a.test")?.isOwnName).toBe(false);
    expect(idOf(table, "edge-2.tunnels.test")).toBe(2);
    expect(idOf(table, "x.edge-2.tunnels.test")).toBeNull();
  });

  it("prefers exact names to wildcards, and longer wildcards to shorter ones", () => {
    const table = new HostTable([
      httpTunnelOf(1, { hostnames: ["*.test"], gateway: "g1" }),
      httpTunnelOf(2, { hostnames: ["*.b.test"], gateway: "g2" }),
      httpTunnelOf(3, { hostnames: ["a.b.test"], gateway: "g3" }),
    ]);
    expect(idOf(table, "a.b.test")).toBe(3);
    expect(idOf(table, "c.b.test")).toBe(2);
    expect(idOf(table, "d.c.b.test")).toBe(2);
    expect(idOf(table, "b.test")).toBe(1);
    expect(idOf(table, "test")).toBeNull();
    expect(idOf(table, "b.testing")).toBeNull();
  });

  it("keeps listeners of one port apart: the one that covers the host most closely answers alone", () => {
    const table = new HostTable([
      httpTunnelOf(1, { hostnames: ["a.b.test", "*.test"] }),
      httpTunnelOf(2, { hostname: "*.b.test", hostnames: [] }),
      httpTunnelOf(3, { hostname: "a.b.test", hostnames: [] }),
      httpTunnelOf(4, { hostname: "*.test", hostnames: [] }),
      httpTunnelOf(5, { hostname: "a.b.test", hostnames: [], port: 81 }),
    ]);
    expect(idOf(table, "a.b.test")).toBe(3);
    expect(idOf(table, "c.b.test")).toBe(2);
    expect(idOf(table, "c.test")).toBe(4);
    const second = new HostTable([httpTunnelOf(1, { hostname: "a.test", hostnames: ["*.test"] })]);
    expect(idOf(second, "a.test")).toBe(1);
    expect(idOf(second, "b.test")).toBeNull();
  });

  it("keeps the groups of other clusters, Gateways and ports out of it", () => {
    const table = new HostTable([
      httpTunnelOf(1, { hostnames: ["*.test"] }),
      httpTunnelOf(2, { hostname: "a.test", cluster: 2 }),
      httpTunnelOf(3, { hostname: "a.test", gateway: "other" }),
      httpTunnelOf(4, { hostname: "a.test", port: 81 }),
    ]);
    expect(idOf(table, "a.test")).toBe(1);
  });

  it("leaves tunnels of other protocols out", () => {
    const { http, ...plain } = httpTunnelOf(1);
    expect(http).toBeDefined();
    expect(new HostTable([plain]).find("edge-1.tunnels.test")).toBeNull();
  });

  it("compiles a routing once for both names, and not again for the next table", () => {
    const tunnel = httpTunnelOf(1, { hostnames: ["a.test"], routing: routingOf([ruleOf("it")]) });
    const before = new HostTable([tunnel]);
    const after = new HostTable([{ ...tunnel, mode: "dual" }]);
    expect(after.find("a.test")?.routing).toBe(before.find("edge-1.tunnels.test")?.routing);
    expect(after.find("a.test")?.routing.find(factsOf())?.rule.route).toBe("it");
  });

  it("lets no wildcard take the dashboard's name, nor a name below the edge's domain that is nobody's own", () => {
    const tunnel = httpTunnelOf(1, { hostname: null, hostnames: ["*.test"] });
    const reserved = { publicHost: "culvert.test", domain: "tunnels.test" };
    const table = new HostTable([tunnel], reserved);
    expect(table.find("shop.test")?.tunnel.id).toBe(tunnel.id);
    for (const host of ["culvert.test", "tunnels.test", "nobody.tunnels.test"]) {
      expect(table.find(host)).toBeNull();
    }
    expect(table.find(tunnel.http?.ownName ?? "")?.isOwnName).toBe(true);
  });
});
