import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloseReason } from "#protocol/api/connections.ts";
import { ClusterId } from "#protocol/api/ids.ts";
import type { Inventory, InventoryListener } from "#protocol/control/inventory.ts";
import type { CloseConnectionsFilter, RelaySnapshot } from "#protocol/relay/channel.ts";
import {
  ClosedConnectionState,
  ConnectionState,
  LinkState,
  type ListenerState,
} from "#protocol/relay/events.ts";
import { openDatabase } from "#server/db/client.ts";
import { newId } from "#server/lib/ids.ts";
import type { Actor } from "#server/services/actor.ts";
import { Changes, type Change } from "#server/services/changes.ts";
import { HostNameBook } from "#server/services/http-names/host-name-book.ts";
import { reservedNames } from "#server/services/http-names/name-claims.ts";
import { LiveState } from "#server/services/live-state.ts";
import type {
  Installation,
  RelayCommands,
  ServiceContext,
} from "#server/services/service-context.ts";

const START = Date.parse("2026-01-02T03:04:00.000Z");

export const RELAY = {
  relayId: "rl_1",
  instanceId: "instance-1",
  pid: 1,
  version: "test",
  startedAt: START,
};

export const EMPTY_SNAPSHOT: RelaySnapshot = {
  links: [],
  inventories: [],
  connections: [],
  closedMeanwhile: [],
  counters: [],
  listeners: [],
  direct: [],
  refusals: [],
};

const person = (role: Actor["role"]): Actor => ({
  kind: "user",
  id: `us_${role}`,
  name: `${role}@example.com`,
  role,
  address: "192.0.2.7",
});
export const ADMIN = person("admin");
export const OPERATOR = person("operator");
export const VIEWER = person("viewer");

/** Closes whatever it is told to, in the live state, as relays would. */
class FakeRelays implements RelayCommands {
  readonly asked: { filter: CloseConnectionsFilter; reason: CloseReason }[] = [];
  readonly #live: LiveState;

  constructor(live: LiveState) {
    this.#live = live;
  }

  async closeConnections(filter: CloseConnectionsFilter, reason: CloseReason): Promise<number> {
    this.asked.push({ filter, reason });
    const { connectionIds, ...rest } = filter;
    const ids = connectionIds ?? this.#live.connections.list(rest).map(({ id }) => id);
    return ids.filter((id) => this.#live.connections.close(id) !== null).length;
  }
}

/** A context on a database of its own, with a clock that stands still until it is moved. */
export async function setupServices(options: Partial<Installation> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "culvert-services-"));
  const url = `file:${join(folder, "culvert.db")}`;
  let nowMs = START;
  const live = new LiveState();
  const published: Change[] = [];
  const changes = new Changes((error) => {
    throw error;
  });
  changes.subscribe((change) => published.push(change));
  const installation: Installation = {
    publicUrl: "http://localhost:3000",
    relayHost: "127.0.0.1",
    relayPorts: { from: 20_000, to: 20_009 },
    edge: { domain: "tunnel.test", port: 8080 },
    directCidrs: [],
    agentImage: "culvert-agent:test",
    version: "test",
    startedAt: new Date(START),
    database: "sqlite",
    warnings: [],
    ...options,
  };
  const db = await openDatabase({ url });
  const context: ServiceContext & { readonly relays: FakeRelays } = {
    db,
    now: () => new Date(nowMs),
    changes,
    live,
    hostNames: new HostNameBook(reservedNames(installation)),
    relays: new FakeRelays(live),
    installation,
  };
  return {
    context,
    url,
    published,
    advance: (ms: number) => {
      nowMs += ms;
    },
    async close(): Promise<void> {
      await db.$disconnect();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Services = Awaited<ReturnType<typeof setupServices>>;

export function tcpListener(
  port: number,
  facts: Partial<InventoryListener> = {},
): InventoryListener {
  return {
    name: `tcp-${port}`,
    port,
    protocol: "tcp",
    hostname: null,
    routes: [],
    backends: [{ namespace: "apps", name: "postgres", port, weight: 1, ready: true, reason: null }],
    problem: null,
    problemCode: null,
    ...facts,
  };
}

export function inventoryOf(generation: number, listeners: InventoryListener[]): Inventory {
  return {
    generation,
    source: "files",
    kubernetesVersion: null,
    gatewayApi: null,
    loadBalancers: [],
    gateways: [
      {
        namespace: "apps",
        name: "public",
        addresses: [],
        routingMode: null,
        idleTimeoutMs: null,
        listeners,
      },
    ],
    problems: [],
  };
}

export function linkOf(clusterId: string, name: string, at: Date): LinkState {
  const agentId = `ag_${clusterId.slice(3, 13)}${name.replace(/[^0-9a-z]/g, "0")}`;
  return LinkState.parse({
    linkId: `link-${name}`,
    clusterId,
    agentId,
    agentName: name,
    instanceId: `start-of-${name}`,
    version: "1.0.0",
    capabilities: ["stream_header_v2"],
    tokenId: "tk_00000000",
    address: "192.0.2.9",
    since: at.getTime(),
    startedAt: at.getTime(),
    draining: false,
    rttMs: 1.5,
    streams: 0,
    lastSeenAt: at.getTime(),
    forceTunnelMode: false,
    dualModeEnabled: false,
  });
}

export function connectionOf(tunnelId: string, clusterId: string, at: Date): ConnectionState {
  return ConnectionState.parse({
    id: newId("cn"),
    tunnelId,
    clusterId: ClusterId.parse(clusterId),
    agentId: null,
    agentName: null,
    via: "agent",
    clientAddress: "198.51.100.4:50000",
    openedAt: at.getTime(),
    lastActivityAt: at.getTime(),
    openLatencyMs: null,
    bytesIn: 0,
    bytesOut: 0,
  });
}

/** The same once it is closed, of its own accord unless told otherwise. */
export function closedConnectionOf(connection: ConnectionState, facts: object) {
  return ClosedConnectionState.parse({
    ...connection,
    closedAt: connection.openedAt,
    closeReason: "completed",
    closeDetail: null,
    ...facts,
  });
}

export function listeningOn(tunnelId: string, port: number, at: Date): ListenerState {
  return {
    tunnelId: tunnelId as ListenerState["tunnelId"],
    port,
    state: "listening",
    reason: null,
    since: at.getTime(),
  };
}
