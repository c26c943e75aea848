import type { CloseReason } from "#protocol/api/connections.ts";
import type { CloseConnectionsFilter, FromRelay, ToRelay } from "#protocol/relay/channel.ts";
import type { LinkState, RelayEvent } from "#protocol/relay/events.ts";
import type { Logger } from "#server/observability/logger.ts";
import type { OpenConnection } from "#server/services/connections/live-connections.ts";
import { toLost, type ClosedConnection } from "#server/services/connections/record-closed.ts";
import type { LiveState } from "#server/services/live-state.ts";
import type { TunnelDelta } from "#server/services/live/counter-book.ts";
import { noteInventory, noteInventoryChange } from "#server/services/live/follow-inventory.ts";
import type { RelayCommands } from "#server/services/service-context.ts";
import type { FactStore } from "./fact-store.ts";
import { publishFact, type RelayFacts } from "./relay-facts.ts";
import type { RelayHello, RelaySession } from "./relay-session.ts";
import { SerialQueue } from "./serial-queue.ts";

/** How long a relay may be away before what it carried counts as lost: it may go on serving meanwhile. */
const GRACE_MS = 30_000;
/** Counters come once a second; a longer pause is a gap, not one long second. */
const SPAN_MS_MAX = 5_000;

type Snapshot = Extract<FromRelay, { type: "snapshot" }>["snapshot"];
type InventoryEvent =
  | Omit<Extract<RelayEvent, { kind: "inventory" }>, "instanceId">
  | Extract<RelayEvent, { kind: "inventory_change" }>;
type Counters = Extract<FromRelay, { type: "counters" }>;

export interface RelayHubOptions {
  readonly live: LiveState;
  readonly store: FactStore;
  readonly now: () => Date;
  /** The whole desired state, for a relay that has just said hello. */
  readonly sendDesired: (send: (message: ToRelay) => void) => void;
  /** To which cluster a tunnel belongs; null for one that is not known (any more). */
  readonly clusterOf: (tunnelId: string) => string | null;
  readonly log: Logger;
  readonly graceMs?: number;
}

/**
 * Every relay process's channel in one place: applies what relays report to the live state at once, has it stored in
 * order, tells this process about it, and passes commands on.
 */
export class RelayHub implements RelayCommands {
  readonly #options: RelayHubOptions;
  readonly #sessions = new Map<string, RelaySession>();
  readonly #graceTimers = new Map<string, NodeJS.Timeout>();
  readonly #countedAt = new Map<string, number>();
  readonly #queue: SerialQueue;

  constructor(options: RelayHubOptions) {
    this.#options = options;
    this.#queue = new SerialQueue((error) =>
      options.log.error({ err: error }, "storing what a relay reported failed"),
    );
  }

  get relayCount(): number {
    return this.#sessions.size;
  }

  /** Sends to every relay that is connected. */
  broadcast(message: ToRelay): void {
    for (const session of this.#sessions.values()) session.send(message);
  }

  async closeConnections(filter: CloseConnectionsFilter, reason: CloseReason): Promise<number> {
    const counts = await Promise.all(
      [...this.#sessions.values()].map((session) => session.closeConnections(filter, reason)),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  onHello(session: RelaySession, hello: RelayHello): void {
    const { live, store, log, now } = this.#options;
    // The same process may come back before its old channel was seen to be dead.
    const before = this.#sessions.get(hello.relayId);
    this.#sessions.set(hello.relayId, session);
    before?.close();
    clearTimeout(this.#graceTimers.get(hello.relayId));
    this.#graceTimers.delete(hello.relayId);

    const isRestart = this.#isAnotherStart(hello);
    const lost = live.relayConnected(hello);
    if (isRestart) {
      this.#countedAt.delete(hello.relayId);
      this.#lose(hello.relayId, lost);
      this.#queue.add(() =>
        store.relayRestarted({ relayId: hello.relayId, lostConnections: lost.length }),
      );
    }
    log.info({ relayId: hello.relayId, pid: hello.pid, isRestart }, "relay connected");
    this.#countedAt.set(hello.relayId, this.#countedAt.get(hello.relayId) ?? now().getTime());
    this.#options.sendDesired((message) => session.send(message));
  }

  onMessage(
    session: RelaySession,
    message: Exclude<FromRelay, { type: "hello" | "response" }>,
  ): void {
    const { relayId } = session;
    // An old channel of a relay that has a newer one has nothing more to say.
    if (relayId === null || this.#sessions.get(relayId) !== session) return;
    switch (message.type) {
      case "snapshot":
        return this.#onSnapshot(relayId, message.snapshot);
      case "events":
        return this.#onEvents(relayId, message.events);
      case "counters":
        return this.#onCounters(relayId, message);
      case "applied":
        return this.#options.log.debug(
          { relayId, generation: message.generation },
          "desired state applied",
        );
    }
  }

  onClose(session: RelaySession, hasSaidSo: boolean): void {
    const { relayId } = session;
    if (relayId === null || this.#sessions.get(relayId) !== session) return;
    this.#sessions.delete(relayId);
    this.#options.live.relayLost(relayId);
    this.#options.store.everythingChanged();
    const { log } = this.#options;
    if (hasSaidSo) log.info({ relayId }, "relay stopped");
    else log.warn({ relayId }, "relay lost");
    const timer = setTimeout(() => this.#forget(relayId), this.#options.graceMs ?? GRACE_MS);
    this.#graceTimers.set(relayId, timer);
  }

  /** Resolves when everything reported so far is stored. */
  async idle(): Promise<void> {
    await this.#queue.idle();
  }

  async close(): Promise<void> {
    for (const timer of this.#graceTimers.values()) clearTimeout(timer);
    for (const session of [...this.#sessions.values()]) session.close();
    this.#sessions.clear();
    await this.#queue.idle();
  }

  #isAnotherStart(hello: RelayHello): boolean {
    const known = this.#options.live.relays.find(hello.relayId);
    return known !== null && known.hello.instanceId !== hello.instanceId;
  }

  #forget(relayId: string): void {
    this.#graceTimers.delete(relayId);
    this.#lose(relayId, this.#options.live.relayForgotten(relayId));
  }

  #lose(relayId: string, connections: readonly OpenConnection[]): void {
    const at = this.#options.now();
    publishFact("relayGone", { relayId });
    this.#closed(connections.map((connection) => toLost(connection, at)));
    this.#options.store.everythingChanged();
  }

  #closed(connections: readonly ClosedConnection[]): void {
    if (connections.length === 0) return;
    for (const connection of connections) publishFact("connectionClosed", connection);
    this.#queue.add(() => this.#options.store.connectionsClosed(connections));
  }

  #onSnapshot(relayId: string, snapshot: Snapshot): void {
    const { live, store, now } = this.#options;
    const known = new Set(live.connections.list({}).map(({ id }): string => id));
    const { deltas, vanished } = live.relaySnapshot(relayId, snapshot);
    for (const link of snapshot.links) this.#queue.add(() => store.agentLinked(link));
    for (const { linkId, inventory } of snapshot.inventories) {
      const link = snapshot.links.find((candidate) => candidate.linkId === linkId);
      if (link === undefined) continue;
      this.#onInventory(relayId, { kind: "inventory", ...link, inventory });
    }
    const at = now();
    this.#closed([
      ...snapshot.closedMeanwhile.map((connection) => ({ ...connection, relayId })),
      ...vanished.map((connection) => toLost(connection, at)),
    ]);
    for (const connection of snapshot.connections) {
      if (!known.has(connection.id)) publishFact("connectionOpened", { ...connection, relayId });
    }
    // What went through while nobody listened is in the totals, but would be a spike in one step of the series.
    const pauseMs = at.getTime() - (this.#countedAt.get(relayId) ?? at.getTime());
    if (pauseMs <= SPAN_MS_MAX) {
      this.#counted({
        relayId,
        at: at.getTime(),
        spanMs: pauseMs,
        tunnels: this.#withClusters(deltas),
      });
    }
    this.#countedAt.set(relayId, at.getTime());
    this.#tellOutcomes();
    this.#queue.add(async () => store.everythingChanged());
  }

  #onEvents(relayId: string, events: readonly RelayEvent[]): void {
    const closed: ClosedConnection[] = [];
    const clusters = new Set<string>();
    for (const event of events) {
      if (event.kind === "link_changed" && this.#isOtherwiseUsable(relayId, event.link)) {
        clusters.add(event.link.clusterId);
      }
      this.#options.live.relayEvent(relayId, event);
      if (event.kind === "connection_closed") closed.push({ ...event.connection, relayId });
      else if (event.kind === "listener") this.#onTunnel(event.listener.tunnelId, clusters);
      else if (event.kind === "direct") this.#onTunnel(event.direct.tunnelId, clusters);
      else this.#onEvent(relayId, event);
    }
    this.#closed(closed);
    this.#tellOutcomes();
    for (const clusterId of clusters) this.#options.store.clusterChanged(clusterId);
  }

  /** A port was opened or closed, or a direct address answers or does not. */
  #onTunnel(id: string, clusters: Set<string>): void {
    const { live, store, clusterOf } = this.#options;
    const clusterId = clusterOf(id);
    if (clusterId === null) return;
    clusters.add(clusterId);
    // Others change with their phase, which the reconcile decides.
    if (live.relays.directOf(id).some((direct) => direct !== null)) {
      store.tunnelChanged({ id, clusterId });
    }
  }

  #onEvent(relayId: string, event: RelayEvent): void {
    const { store, live, log } = this.#options;
    switch (event.kind) {
      case "link_opened":
        return this.#queue.add(() => store.agentLinked(event.link));
      case "link_closed":
        log.info({ ...event, relayId }, "agent link closed");
        return this.#queue.add(() => store.agentUnlinked(event));
      case "inventory":
      case "inventory_change":
        return this.#onInventory(relayId, event);
      case "cluster_resources":
        return this.#queue.add(() => store.resourcesReported(event));
      case "connection_opened":
        return publishFact("connectionOpened", { ...event.connection, relayId });
      case "connection_established": {
        const connection = live.connections.find(event.id);
        if (connection !== null) publishFact("connectionChanged", connection);
        return;
      }
      case "agent_log": {
        const { level, agentId, clusterId, message } = event;
        return log[level]({ agentId, clusterId, relayId, message }, "agent says");
      }
      default:
        // Live state holds it; nothing is stored.
        return;
    }
  }

  #onInventory(relayId: string, event: InventoryEvent): void {
    const { live, store, log, now } = this.#options;
    const relay = live.relays.find(relayId);
    if (relay === null) return;
    const { linkId, agentId, clusterId } = event;
    if (event.kind === "inventory") {
      noteInventory(relay, { linkId, inventory: event.inventory, at: now() });
    } else if (!noteInventoryChange(live.relays, relay, { ...event, at: now() })) {
      log.error({ relayId, linkId }, "an inventory change builds on nothing known: asking again");
      // The relay comes back with all it knows.
      return this.#sessions.get(relayId)?.close();
    }
    const newest = live.relays.inventoryOf(agentId);
    if (newest === null) return;
    const { instanceId, inventory } = newest;
    this.#queue.add(() => store.inventoryReported({ agentId, clusterId, instanceId, inventory }));
  }

  /** Round trips and counts change all the time; only a drain changes what an agent can carry. */
  #isOtherwiseUsable(relayId: string, link: LinkState): boolean {
    const known = this.#options.live.relays.find(relayId)?.links.get(link.linkId);
    return known?.draining !== link.draining;
  }

  #onCounters(relayId: string, report: Counters): void {
    const { live } = this.#options;
    const deltas = live.relayCounters(relayId, report);
    for (const { id } of report.connections) {
      const connection = live.connections.find(id);
      if (connection !== null) publishFact("connectionChanged", connection);
    }
    const spanMs = report.at - (this.#countedAt.get(relayId) ?? report.at - 1_000);
    this.#countedAt.set(relayId, report.at);
    this.#counted({ relayId, at: report.at, spanMs, tunnels: this.#withClusters(deltas) });
    this.#onRequests(relayId, report.requests ?? []);
  }

  /** To whoever shows it live, and into the series. */
  #counted(report: RelayFacts["counted"]): void {
    publishFact("counted", { ...report, spanMs: clampSpan(report.spanMs) });
    this.#options.store.counted(report.tunnels, report.at);
  }

  #onRequests(relayId: string, records: NonNullable<Counters["requests"]>): void {
    const requests = records
      .filter(({ tunnelId }) => this.#options.clusterOf(tunnelId) !== null)
      .map((record) => ({ ...record, relayId }));
    if (requests.length === 0) return;
    this.#options.live.requestsEnded(requests);
    publishFact("requestsEnded", requests);
    this.#tellOutcomes();
  }

  #tellOutcomes(): void {
    const changed = this.#options.live.outcomes.takeChanged();
    if (changed.length > 0) publishFact("outcomesChanged", changed);
  }

  /** What belongs to a tunnel that is gone meanwhile is nobody's. */
  #withClusters(deltas: readonly TunnelDelta[]) {
    return deltas.flatMap((delta) => {
      const clusterId = this.#options.clusterOf(delta.tunnelId);
      return clusterId === null ? [] : [{ ...delta, clusterId }];
    });
  }
}

function clampSpan(spanMs: number): number {
  return Math.min(Math.max(spanMs, 500), SPAN_MS_MAX);
}
