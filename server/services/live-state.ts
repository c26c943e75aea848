import { CLOSE_REASONS } from "#protocol/api/connections.ts";
import type { RelaySnapshot } from "#protocol/relay/channel.ts";
import type {
  ClosedConnectionState,
  ConnectionState,
  MessageCounts,
  RelayEvent,
  TunnelCounters,
} from "#protocol/relay/events.ts";
import type { OpenConnection } from "./connections/live-connections.ts";
import { CounterBook, type TunnelDelta } from "./live/counter-book.ts";
import { LatencyWindow } from "./live/latency-window.ts";
import { LiveRelays, type RelayHello } from "./live/live-relays.ts";
import { OpenConnections } from "./live/open-connections.ts";
import { RefusalLog } from "./live/refusal-log.ts";
import { RequestLog, type RecentRequest } from "./live/request-log.ts";
import { TunnelOutcomes } from "./live/tunnel-outcomes.ts";

/** The once-a-second report of a relay. */
export interface CounterReport {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tunnels: readonly TunnelCounters[];
  readonly connections: readonly {
    readonly id: string;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly lastActivityAt: number;
    readonly messages?: MessageCounts;
  }[];
  readonly memoryBytes: number;
}

/**
 * Everything that is true right now: links, listeners, open connections, counters.
 *
 * Fed by what relays say, read by services. It stores nothing, waits for nothing and knows no clock: a snapshot
 * of every relay rebuilds it after a restart of this process.
 */
export class LiveState {
  readonly relays = new LiveRelays();
  readonly connections = new OpenConnections();
  readonly counters = new CounterBook();
  /** How long HTTP tunnels took to answer. */
  readonly latency = new LatencyWindow();
  /** The newest requests of HTTP tunnels. */
  readonly requests = new RequestLog();
  /** The last failure of each tunnel. */
  readonly outcomes = new TunnelOutcomes();
  readonly refusals = new RefusalLog();
  /** By tunnel: whether the audit trail says that its direct address answers. */
  readonly auditedReach = new Map<string, boolean>();

  /** Open connections of a tunnel; of HTTP, requests in flight, most of which are over before they become a row. */
  openCountOf(tunnelId: string): number {
    return this.counters.inFlightOf(tunnelId) ?? this.connections.count({ tunnelId });
  }

  /**
   * A relay process (re)connected.
   *
   * @returns connections of an earlier start of it, which died with it: record them as `relay_lost`.
   */
  relayConnected(hello: RelayHello): readonly OpenConnection[] {
    const replaced = this.relays.connect(hello);
    if (replaced === null) return [];
    this.counters.endInstance(replaced.hello.instanceId);
    return this.connections.closeAllOf(hello.relayId);
  }

  /** Its channel is down. What it said last stands, since it may go on serving. */
  relayLost(relayId: string): void {
    const relay = this.relays.find(relayId);
    if (relay !== null) relay.status = "lost";
  }

  /** It will not come back. @returns its connections: record them as `relay_lost`. */
  relayForgotten(relayId: string): readonly OpenConnection[] {
    const relay = this.relays.forget(relayId);
    if (relay === null) return [];
    this.counters.endInstance(relay.hello.instanceId);
    return this.connections.closeAllOf(relayId);
  }

  /**
   * Replaces what was known of a relay by all it knows.
   *
   * @returns `deltas` what its counters grew by since they were last known, none for its first snapshot: what it did
   *   before we knew it is in the totals, but belongs to no second. `vanished` the connections it neither holds nor
   *   remembers closing. The caller records `snapshot.closedMeanwhile` and stores inventories.
   */
  relaySnapshot(
    relayId: string,
    snapshot: RelaySnapshot,
  ): { deltas: readonly TunnelDelta[]; vanished: readonly OpenConnection[] } {
    const relay = this.relays.find(relayId);
    if (relay === null) return { deltas: [], vanished: [] };
    const isFirst = !relay.isInformed;
    relay.isInformed = true;
    relay.links.clear();
    for (const link of snapshot.links) relay.links.set(link.linkId, { ...link, relayId });
    relay.inventories.clear();
    relay.listeners.clear();
    for (const listener of snapshot.listeners) relay.listeners.set(listener.tunnelId, listener);
    relay.direct.clear();
    for (const direct of snapshot.direct) relay.direct.set(direct.tunnelId, direct);
    for (const refusal of snapshot.refusals) this.refusals.record(refusal);

    const accounted = new Set(
      snapshot.closedMeanwhile.map((connection) => connection.id as string),
    );
    const before = this.connections.closeAllOf(relayId);
    for (const connection of snapshot.connections) {
      this.connections.open(relayId, connection);
      this.#noteAnswer(connection);
      accounted.add(connection.id);
    }
    for (const closed of snapshot.closedMeanwhile) {
      this.#noteAnswer(closed);
      this.#noteClosed(closed);
    }
    const deltas = this.#count(relay.hello.instanceId, snapshot.counters);
    return {
      deltas: isFirst ? [] : deltas,
      vanished: before.filter((connection) => !accounted.has(connection.id)),
    };
  }

  /** Applies one event. Storing inventories and closed connections is the caller's part. */
  relayEvent(relayId: string, event: RelayEvent): void {
    const relay = this.relays.find(relayId);
    if (relay === null) return;
    switch (event.kind) {
      case "link_opened":
      case "link_changed":
        relay.links.set(event.link.linkId, { ...event.link, relayId });
        return;
      case "link_closed":
        relay.links.delete(event.linkId);
        relay.inventories.delete(event.linkId);
        return;
      case "connection_opened":
        this.connections.open(relayId, event.connection);
        this.#noteAnswer(event.connection);
        return;
      case "connection_established":
        this.connections.update(event.id, {
          agentId: event.agentId,
          agentName: event.agentName,
          via: event.via,
          openLatencyMs: event.openLatencyMs,
        });
        this.#noteEstablished(event.id);
        return;
      case "connection_closed":
        this.connections.close(event.connection.id);
        this.#noteClosed(event.connection);
        return;
      case "listener":
        relay.listeners.set(event.listener.tunnelId, event.listener);
        return;
      case "direct":
        // Without an address there is nothing to watch any more.
        if (event.direct.address === null) relay.direct.delete(event.direct.tunnelId);
        else relay.direct.set(event.direct.tunnelId, event.direct);
        return;
      case "refusal":
        this.refusals.record(event.refusal);
        return;
      default:
        // What is left is stored, not kept here.
        return;
    }
  }

  /** @returns what grew, tunnel by tunnel: for live figures and the roll-up. */
  relayCounters(relayId: string, report: CounterReport): readonly TunnelDelta[] {
    const relay = this.relays.find(relayId);
    if (relay === null) return [];
    relay.memoryBytes = report.memoryBytes;
    for (const { id, ...facts } of report.connections) this.connections.update(id, facts);
    const deltas = this.#count(relay.hello.instanceId, report.tunnels);
    for (const { tunnelId, http } of deltas) {
      if (http !== undefined) this.latency.add(tunnelId, http.latency, report.at);
    }
    return deltas;
  }

  /** Requests of HTTP tunnels are over: most of them were no row of the connection table, and this is all that tells of them. */
  requestsEnded(requests: readonly RecentRequest[]): void {
    this.requests.record(requests);
    for (const { tunnelId, isServed, error, closeReason, at, ...took } of requests) {
      if (isServed && took.firstByteMs !== null) {
        this.outcomes.answered(tunnelId, at + took.firstByteMs);
      }
      if (!CLOSE_REASONS[closeReason].failed) continue;
      // What broke off later is none of the answers that Culvert gives in place of a service.
      const reason = isServed ? closeReason : (error ?? closeReason);
      this.outcomes.failed(tunnelId, { reason, at: at + took.durationMs });
    }
  }

  /** The tunnel is gone. */
  forgetTunnel(tunnelId: string): void {
    this.counters.forget(tunnelId);
    this.latency.forget(tunnelId);
    this.requests.forget(tunnelId);
    this.outcomes.forget(tunnelId);
    this.auditedReach.delete(tunnelId);
    for (const relay of this.relays.list()) {
      relay.listeners.delete(tunnelId);
      relay.direct.delete(tunnelId);
    }
  }

  #noteClosed({ tunnelId, closeReason, closedAt, request }: ClosedConnectionState): void {
    // Of HTTP every request is told of when it is over, in its own words.
    if (request === undefined && CLOSE_REASONS[closeReason].failed) {
      this.outcomes.failed(tunnelId, { reason: closeReason, at: closedAt });
    }
  }

  #noteEstablished(id: string): void {
    const connection = this.connections.find(id);
    if (connection !== null) this.#noteAnswer(connection);
  }

  #noteAnswer({ tunnelId, openedAt, openLatencyMs }: ConnectionState): void {
    if (openLatencyMs === null) return;
    this.outcomes.answered(tunnelId, openedAt + openLatencyMs);
  }

  #count(instanceId: string, reports: readonly TunnelCounters[]): readonly TunnelDelta[] {
    return reports.flatMap((report) => this.counters.update(instanceId, report) ?? []);
  }
}
