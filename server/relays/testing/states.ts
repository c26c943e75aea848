import { AgentId, ClusterId, ConnectionId, TokenId, TunnelId } from "#protocol/api/ids.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { ConnectionState, LinkState } from "#protocol/relay/events.ts";

const AT = Date.now();
let counter = 0;
const suffix = (): string => String(++counter).padStart(12, "0");

export const agentId = AgentId.parse("ag_000000000001");

export function linkState(
  clusterId: string,
  tokenId: string,
  change: Partial<LinkState> = {},
): LinkState {
  return {
    linkId: "link-1",
    clusterId: ClusterId.parse(clusterId),
    agentId,
    agentName: "edge-1",
    instanceId: "agent-instance-1",
    version: "0.0.0-test",
    capabilities: ["inventory"],
    tokenId: TokenId.parse(tokenId),
    address: "192.0.2.10:40000",
    since: AT,
    startedAt: AT,
    draining: false,
    rttMs: 3,
    streams: 0,
    lastSeenAt: AT,
    forceTunnelMode: false,
    dualModeEnabled: false,
    pending: null,
    ...change,
  };
}

/** One TCP listener with a ready backend. */
export function inventory(generation = 1, listenerName = "postgres"): Inventory {
  return {
    generation,
    source: "files",
    kubernetesVersion: null,
    gatewayApi: null,
    loadBalancers: [],
    problems: [],
    gateways: [
      {
        namespace: "shop",
        name: "edge",
        addresses: [],
        routingMode: null,
        idleTimeoutMs: null,
        listeners: [
          {
            name: listenerName,
            port: 5432,
            protocol: "tcp",
            hostname: null,
            routes: [
              {
                kind: "TCPRoute",
                namespace: "shop",
                name: "pg",
                accepted: true,
                reason: "Accepted",
                message: "",
              },
            ],
            backends: [
              { namespace: "shop", name: "pg", port: 5432, weight: 1, ready: true, reason: null },
            ],
            problem: null,
            problemCode: null,
          },
        ],
      },
    ],
  };
}

export function connectionState(
  of: { readonly tunnelId: string; readonly clusterId: string },
  change: Partial<ConnectionState> = {},
): ConnectionState {
  return {
    id: ConnectionId.parse(`cn_${suffix()}`),
    tunnelId: TunnelId.parse(of.tunnelId),
    clusterId: ClusterId.parse(of.clusterId),
    agentId,
    agentName: "edge-1",
    via: "agent",
    clientAddress: "198.51.100.4:50000",
    openedAt: AT,
    lastActivityAt: AT,
    openLatencyMs: 1.5,
    bytesIn: 0,
    bytesOut: 0,
    ...change,
  };
}
