import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { CLOSE_REASONS, type CloseReason } from "#protocol/api/connections.ts";
import { ConnectionId, type TunnelId } from "#protocol/api/ids.ts";
import type { CloseConnectionsFilter } from "#protocol/relay/channel.ts";
import type {
  ClosedConnectionState,
  ConnectionState,
  MessageCounts,
  TunnelCounters,
} from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import { newId } from "#server/lib/ids.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { Route } from "../routing/route-table.ts";
import type { DirectWay, LinkSource, RouteSource, StreamLink } from "./connection-ports.ts";
import { RELEASE_REASONS } from "./release-reasons.ts";
import { RelayConnection, type ConnectionOwner } from "./relay-connection.ts";
import { TunnelTallies } from "./tunnel-tallies.ts";

/** Connections of one relay process; each costs two sockets' worth of memory at most. A choice. */
export const CONNECTIONS_MAX = 50_000;
/** Refused connections of one tunnel that get a record of their own in a second; the rest are only counted. */
const REFUSAL_RECORDS_PER_SECOND = 10;

/** What changed since the last look, as the relay channel carries it. */
export interface CounterChanges {
  readonly tunnels: TunnelCounters[];
  readonly connections: {
    readonly id: ConnectionId;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly lastActivityAt: number;
    /** Of WebSockets only. */
    readonly messages?: MessageCounts;
  }[];
}

export interface ConnectionTableOptions {
  readonly links: LinkSource;
  readonly routes: RouteSource;
  readonly direct: DirectWay;
  readonly clock: Clock;
  /** Bound of all tunnels together. */
  readonly connectionsMax: number;
}

/** One tunnel's open connections. */
interface Group {
  readonly connections: Set<RelayConnection>;
  refusalRecords: number;
}

/** Every live connection of this relay process, its limits and its figures. */
export class ConnectionTable {
  readonly #options: ConnectionTableOptions;
  readonly #connections = new Map<string, RelayConnection>();
  readonly #groups = new Map<string, Group>();
  readonly #waits = new Map<RelayConnection, () => void>();
  readonly #tallies = new TunnelTallies();
  readonly #owner: ConnectionOwner;
  #onEmpty: (() => void)[] = [];

  constructor(options: ConnectionTableOptions) {
    this.#options = options;
    this.#owner = {
      onEstablished: (connection) => this.#onEstablished(connection),
      onGivenUp: (connection) => this.#seekLink(connection),
      onClosed: (connection, state) => this.#onClosed(connection, state),
    };
  }

  get size(): number {
    return this.#connections.size;
  }

  /** @returns null when it is closed. */
  find(connectionId: string): RelayConnection | null {
    return this.#connections.get(connectionId) ?? null;
  }

  /** Takes a client in: checks the limits, then looks for a link, waiting for one if it must. */
  accept(tunnelId: string, socket: ByteSocket, clientAddress: string): void {
    const route = this.#options.routes.findRoute(tunnelId);
    // The listener is closed in the same turn as the route goes; this client was quicker.
    if (route === null || route.tunnel.state !== "open") return socket.reset();
    const group = this.#groupOf(tunnelId);
    this.#tallies.add(route.tunnel.id, "opened", 1);
    const connection = new RelayConnection({
      id: ConnectionId.parse(newId("cn")),
      socket,
      route,
      clientAddress,
      clock: this.#options.clock,
      owner: this.#owner,
    });
    const refusal = this.#findLimit(route, group);
    if (refusal !== null) return this.#refuse(connection, group, socket, refusal);
    this.#connections.set(connection.id, connection);
    group.connections.add(connection);
    this.#tallies.add(route.tunnel.id, "open", 1);
    publishFact({ kind: "connection_opened", connection: connection.toState() });
    this.#connect(connection);
  }

  /** Counts a datagram for which no association may be opened. */
  dropDatagram(tunnelId: TunnelId): void {
    this.#tallies.addDatagrams(tunnelId, { dropped: 1 });
  }

  /** Cuts what matches the filter. @returns how many. */
  closeWhere(filter: CloseConnectionsFilter, reason: CloseReason): number {
    const ids = filter.connectionIds === undefined ? null : new Set<string>(filter.connectionIds);
    const { tunnelId, clusterId } = filter;
    if (ids === null && tunnelId === undefined && clusterId === undefined) return 0;
    return this.#closeIf(reason, ({ id, route: { tunnel } }) => {
      if (ids !== null && !ids.has(id)) return false;
      if (tunnelId !== undefined && tunnelId !== tunnel.id) return false;
      return clusterId === undefined || clusterId === tunnel.clusterId;
    });
  }

  /** Cuts what is left from the time before the tunnel was switched off or moved. Called as it opens again. */
  endLeftOvers(tunnelId: string): void {
    for (const connection of [...(this.#groups.get(tunnelId)?.connections ?? [])]) {
      connection.close("tunnel_disabled", null);
    }
  }

  /** Cuts UDP: an association that lived on would hold its port and hear what is meant for the next owner of it. */
  closeAssociations(reason: CloseReason): void {
    this.#closeIf(reason, ({ route }) => route.tunnel.target.protocol === "udp");
  }

  /** Cuts those that still wait for a link. */
  closeWaiting(reason: CloseReason): void {
    this.#closeIf(reason, ({ phase }) => phase === "waiting");
  }

  /** Cuts everything. */
  closeAll(reason: CloseReason): void {
    this.#closeIf(reason, () => true);
  }

  /** A tunnel's direct address answers now: whoever waits for an agent may go there. */
  directVerified(tunnelId: string): void {
    for (const connection of [...(this.#groups.get(tunnelId)?.connections ?? [])]) {
      if (connection.phase === "waiting" && this.#mayGoDirect(tunnelId)) this.#goDirect(connection);
    }
  }

  /**
   * Releases the clients of tunnels that are gone or switched off, and those who would wait in vain because a tunnel takes
   * nobody any more. Called when the routes have changed.
   */
  releaseUndesired(): void {
    for (const [tunnelId, group] of this.#groups) {
      const state = this.#options.routes.findRoute(tunnelId)?.tunnel.state ?? null;
      if (state === "open") continue;
      const isStopped = state === "stopped";
      const reason = RELEASE_REASONS[state ?? "removed"];
      for (const connection of [...group.connections]) {
        if (!isStopped || connection.phase === "waiting") connection.close(reason, null);
      }
    }
  }

  /** Looks at the counters and the clock. Called once a second. */
  sweep(): CounterChanges {
    const nowMs = this.#options.clock.monotonicMs();
    const changed: CounterChanges["connections"] = [];
    for (const [tunnelId, group] of this.#groups) {
      const route = this.#options.routes.findRoute(tunnelId);
      group.refusalRecords = 0;
      for (const connection of [...group.connections]) {
        if (this.#count(connection)) {
          const { id, bytesIn, bytesOut, lastActivityAt } = connection.toState();
          changed.push({ id, bytesIn, bytesOut, lastActivityAt });
        }
        this.#checkTime(connection, route ?? connection.route, nowMs);
      }
      if (group.connections.size === 0) this.#groups.delete(tunnelId);
    }
    const tunnels = this.#tallies.takeChanged();
    this.#tallies.prune((id) => this.#options.routes.findRoute(id) !== null);
    return { tunnels, connections: changed };
  }

  /** Everything at once, counted to this moment. */
  snapshot(): {
    readonly connections: ConnectionState[];
    readonly counters: TunnelCounters[];
  } {
    for (const connection of this.#connections.values()) this.#count(connection);
    return {
      connections: [...this.#connections.values()].map((connection) => connection.toState()),
      counters: this.#tallies.all(),
    };
  }

  /** @returns once no connection is left. */
  whenEmpty(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #connect(connection: RelayConnection): void {
    const { links } = this.#options;
    const { tunnel, keyText } = connection.route;
    const link = links.pickLink(tunnel.clusterId, keyText);
    if (link !== null && connection.dial(link)) return;
    if (connection.phase !== "waiting") return;
    if (this.#mayGoDirect(tunnel.id)) this.#goDirect(connection);
    else this.#wait(connection);
  }

  /** An agent may have come while the direct address was dialled, or the tunnel may have stopped. */
  #seekLink(connection: RelayConnection): void {
    const { tunnel, keyText } = connection.route;
    const { links, routes } = this.#options;
    if (routes.findRoute(tunnel.id)?.tunnel.state === "stopped") {
      return connection.close(RELEASE_REASONS.stopped, null);
    }
    const link = links.pickLink(tunnel.clusterId, keyText);
    if (link === null || !connection.dial(link)) this.#wait(connection);
  }

  /** `dual` is served by the relay even while no agent can: it dials the address that clients may use themselves. */
  #mayGoDirect(tunnelId: string): boolean {
    const { routes, direct } = this.#options;
    return routes.findRoute(tunnelId)?.tunnel.mode === "dual" && direct.isVerified(tunnelId);
  }

  #goDirect(connection: RelayConnection): void {
    this.#stopWaiting(connection);
    connection.dialDirect(this.#options.direct);
  }

  #stopWaiting(connection: RelayConnection): void {
    this.#waits.get(connection)?.();
    this.#waits.delete(connection);
  }

  #wait(connection: RelayConnection): void {
    const { tunnel, keyText } = connection.route;
    const onLink = (link: StreamLink): void => {
      this.#waits.delete(connection);
      if (!connection.dial(link)) this.#wait(connection);
    };
    const cancel = this.#options.links.waitForLink(tunnel.clusterId, keyText, onLink);
    this.#waits.set(connection, cancel);
  }

  #findLimit({ tunnel }: Route, group: Group): string | null {
    const { connectionsMax } = this.#options;
    const { maxConnections } = tunnel.policy;
    if (group.connections.size >= maxConnections) {
      return `The tunnel's limit of ${maxConnections} connections is reached.`;
    }
    return this.#connections.size >= connectionsMax
      ? `The relay's limit of ${connectionsMax} connections is reached.`
      : null;
  }

  #refuse(connection: RelayConnection, group: Group, socket: ByteSocket, detail: string): void {
    group.refusalRecords += 1;
    if (group.refusalRecords <= REFUSAL_RECORDS_PER_SECOND) {
      return connection.close("limit_reached", detail);
    }
    socket.reset();
    this.#count(connection);
    this.#tallies.add(connection.route.tunnel.id, "failed", 1);
  }

  #checkTime(connection: RelayConnection, route: Route, nowMs: number): void {
    const { policy, clusterId } = route.tunnel;
    const timeout = connection.findTimeout(policy, nowMs);
    if (timeout !== null) return connection.close(timeout, null);
    if (connection.phase !== "waiting") return;
    if (connection.ageMs(nowMs) < policy.connectTimeoutMs) return;
    const { directFailure } = connection;
    if (directFailure !== null) return connection.close(directFailure.reason, directFailure.detail);
    if (this.#options.links.isServed(clusterId, route.keyText)) {
      connection.close("limit_reached", "The agents' links carry as many streams as they may.");
    } else connection.close("agent_offline", null);
  }

  #onEstablished(connection: RelayConnection): void {
    const { id, link, via, openLatencyMs } = connection;
    if (openLatencyMs === null) return;
    publishFact({
      kind: "connection_established",
      id,
      agentId: link?.agentId ?? null,
      agentName: link?.agentName ?? null,
      via,
      openLatencyMs,
    });
  }

  #onClosed(connection: RelayConnection, state: ClosedConnectionState): void {
    const { tunnel } = connection.route;
    this.#stopWaiting(connection);
    this.#count(connection);
    if (CLOSE_REASONS[state.closeReason].failed) this.#tallies.add(tunnel.id, "failed", 1);
    if (this.#connections.delete(connection.id)) {
      this.#groups.get(tunnel.id)?.connections.delete(connection);
      this.#tallies.add(tunnel.id, "open", -1);
    }
    publishFact({ kind: "connection_closed", connection: state });
    this.#options.links.wake(tunnel.clusterId);
    if (this.#connections.size === 0) this.#tellEmpty();
  }

  #tellEmpty(): void {
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const tell of waiting) tell();
  }

  #closeIf(reason: CloseReason, matches: (connection: RelayConnection) => boolean): number {
    let closed = 0;
    for (const connection of [...this.#connections.values()]) {
      if (connection.phase === "closing" || !matches(connection)) continue;
      connection.close(reason, null);
      closed += 1;
    }
    return closed;
  }

  /** Adds what a connection carried since the last look to its tunnel. @returns whether it carried anything. */
  #count(connection: RelayConnection): boolean {
    const datagrams = connection.observeDatagrams();
    if (datagrams !== null) this.#tallies.addDatagrams(connection.route.tunnel.id, datagrams);
    const added = connection.observe();
    if (added === null) return false;
    const tunnelId: TunnelId = connection.route.tunnel.id;
    this.#tallies.add(tunnelId, "bytesIn", added.bytesIn);
    this.#tallies.add(tunnelId, "bytesOut", added.bytesOut);
    return true;
  }

  #groupOf(tunnelId: string): Group {
    let group = this.#groups.get(tunnelId);
    if (group === undefined) {
      group = { connections: new Set(), refusalRecords: 0 };
      this.#groups.set(tunnelId, group);
    }
    return group;
  }
}
