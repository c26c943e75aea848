import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClusterId, TokenId, TunnelId } from "#protocol/api/ids.ts";
import type { DesiredState, DesiredTunnel } from "#protocol/relay/desired-state.ts";
import { applyChange, indexDesired, NOTHING_DESIRED } from "./desired-store.ts";
import { RouteTable } from "./route-table.ts";

const digits = (n: number): string => String(n).padStart(20, "0");
const clusterId = ClusterId.parse(`cl_${digits(1)}`);

function tunnel(n: number, over: Partial<DesiredTunnel> = {}): DesiredTunnel {
  return {
    id: TunnelId.parse(`tn_${digits(n)}`),
    clusterId,
    target: { namespace: "shop", gateway: "edge", protocol: "tcp", port: n + 1, hostname: null },
    relayPort: 15_000 + n,
    state: "open",
    mode: "tunnel",
    direct: [],
    endpoints: [],
    policy: {
      connectTimeoutMs: 1,
      idleTimeoutMs: 1,
      directDrainMs: null,
      allowedOrigins: [],
      maxConnections: 1,
    },
    ...over,
  };
}

const state = (tunnels: DesiredTunnel[]): DesiredState => ({
  clusters: [{ id: clusterId, name: "one" }],
  tokens: [
    {
      tokenId: TokenId.parse(`tk_${digits(1)}`),
      clusterId,
      sha256: "0".repeat(64),
      expiresAt: null,
    },
  ],
  tunnels,
});

const nothing = { upsert: [], remove: [] };

describe("the desired state", () => {
  it("is after any changes what the whole would have been", () => {
    const tunnelSets = fc.uniqueArray(
      fc.record({ n: fc.nat(9), relayPort: fc.integer({ min: 1, max: 3 }) }),
      { selector: ({ n }) => n },
    );
    fc.assert(
      fc.property(tunnelSets, tunnelSets, (before, after) => {
        const [from, to] = [before, after].map((set) =>
          state(set.map(({ n, relayPort }) => tunnel(n, { relayPort }))),
        );
        if (from === undefined || to === undefined) return;
        const kept = new Set(to.tunnels.map(({ id }) => id));
        const remove = from.tunnels.map(({ id }) => id).filter((id) => !kept.has(id));
        const change = {
          clusters: nothing,
          tokens: nothing,
          tunnels: { upsert: to.tunnels, remove },
        };
        expect(applyChange(indexDesired(from), change)).toEqual(indexDesired(to));
      }),
    );
  });

  it("leaves the generation before as it was", () => {
    const before = indexDesired(state([tunnel(1)]));
    const change = {
      clusters: nothing,
      tokens: { upsert: [], remove: [`tk_${digits(1)}`] },
      tunnels: { upsert: [tunnel(2)], remove: [tunnel(1).id] },
    };
    const after = applyChange(before, change);
    expect([...before.tunnels.keys()]).toEqual([tunnel(1).id]);
    expect([...after.tunnels.keys()]).toEqual([tunnel(2).id]);
    expect(after.tokens.size).toBe(0);
    expect(NOTHING_DESIRED.tunnels.size).toBe(0);
  });
});

describe("RouteTable", () => {
  it("gives a port to TCP and UDP tunnels that are open, and knows the others", () => {
    const as = (n: number, protocol: "udp" | "http") => ({
      target: { ...tunnel(n).target, protocol },
    });
    const table = new RouteTable();
    table.replace(
      indexDesired(
        state([
          tunnel(1),
          tunnel(2, { state: "stopped" }),
          tunnel(3, { state: "disabled" }),
          tunnel(4, as(4, "udp")),
          tunnel(5, as(5, "http")),
        ]),
      ).tunnels,
    );
    expect([...table.openTunnels().keys()]).toEqual([1, 4, 5].map((n) => tunnel(n).id));
    expect([...table.portTunnels().keys()]).toEqual([1, 2, 3, 4].map((n) => tunnel(n).id));
    expect(table.findRoute(tunnel(3).id)?.tunnel.state).toBe("disabled");
    expect(table.findRoute(tunnel(1).id)?.keyText).toBe("shop/edge/tcp/2/");
    expect(table.findRoute("tn_unknown")).toBeNull();
  });
});
