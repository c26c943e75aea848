import { CLOSE_REASONS, type CloseReason } from "#protocol/api/connections.ts";
import type { TunnelId } from "#protocol/api/ids.ts";
import { CHANNEL_LIMITS, type CloseConnectionsFilter } from "#protocol/relay/channel.ts";
import type { ConnectionState, HttpRequestRecord, TunnelCounters } from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { RouteSource } from "../../connections/connection-ports.ts";
import type { CounterChanges } from "../../connections/connection-table.ts";
import { RELEASE_REASONS } from "../../connections/release-reasons.ts";
import { TunnelTallies } from "../../connections/tunnel-tallies.ts";
import type { Route } from "../../routing/route-table.ts";
import { Exchange, type ExchangeSketch } from "./exchange.ts";
import { HttpTally } from "./http-tally.ts";

/** Requests in flight in one relay process, WebSockets among them. A choice. */
const EXCHANGES_MAX = 50_000;
/** A request becomes a row of the connection table once it is this old, milliseconds; most never are. */
const SHOWN_AFTER_MS = 1_000;
/** A client that owes a body and sends nothing, milliseconds. REQUIREMENTS B5. */
const BODY_QUIET_MAX_MS = 60_000;

export interface ExchangeChanges extends CounterChanges {
  readonly requests: HttpRequestRecord[];
}

/** Every request in flight of this relay process, its figures, and the newest that are over. */
export class ExchangeTable {
  readonly #routes: RouteSource;
  readonly #clock: Clock;
  readonly #exchanges = new Set<Exchange>();
  readonly #openOf = new Map<TunnelId, number>();
  readonly #tallies = new TunnelTallies();
  readonly #http = new Map<TunnelId, HttpTally>();
  /** The newest that are over, of each tunnel; made records of once a second, since most are pushed out before. */
  readonly #over = new Map<TunnelId, Exchange[]>();
  #onEmpty: (() => void)[] = [];

  constructor(routes: RouteSource, clock: Clock) {
    this.#routes = routes;
    this.#clock = clock;
  }

  get size(): number {
    return this.#exchanges.size;
  }

  /** Takes a request in. It is over with {@link end}. */
  open(sketch: ExchangeSketch): Exchange {
    const exchange = new Exchange(sketch, this.#clock);
    const { id } = sketch.route.tunnel;
    this.#exchanges.add(exchange);
    this.#openOf.set(id, this.#openCount(id) + 1);
    this.#tallies.add(id, "opened", 1);
    this.#tallies.add(id, "open", 1);
    return exchange;
  }

  /** @returns why one more cannot be served; null when it can. To be asked once it is taken in. */
  findLimit({ tunnel }: Route): string | null {
    const { maxConnections } = tunnel.policy;
    if (this.#openCount(tunnel.id) > maxConnections) {
      return `The tunnel's limit of ${maxConnections} requests in flight is reached.`;
    }
    return this.#exchanges.size > EXCHANGES_MAX
      ? `The relay's limit of ${EXCHANGES_MAX} requests in flight is reached.`
      : null;
  }

  /** The head of an answer goes out. */
  answered(exchange: Exchange, status: number): void {
    exchange.answered(status);
    this.#httpOf(exchange.route.tunnel.id).answered(status, exchange.firstByteMs ?? 0);
    const { isShown, isServed, way, firstByteMs: openLatencyMs } = exchange;
    if (!isShown || !isServed || way === null || openLatencyMs === null) return;
    const { agentId, agentName, via } = way;
    const { id } = exchange;
    publishFact({ kind: "connection_established", id, agentId, agentName, via, openLatencyMs });
  }

  /** Lets the connection table show it, as it does at once with what was upgraded. */
  show(exchange: Exchange): void {
    if (exchange.isShown) return;
    exchange.isShown = true;
    publishFact({ kind: "connection_opened", connection: exchange.toState() });
  }

  /** @param isWhole the client got all of its answer. Call once. */
  end(exchange: Exchange, isWhole: boolean): void {
    if (!this.#exchanges.delete(exchange)) return;
    const { id } = exchange.route.tunnel;
    this.#count(exchange);
    this.#forgetOpen(id);
    this.#tallies.add(id, "open", -1);
    const reason = exchange.closeReason(isWhole);
    if (CLOSE_REASONS[reason].failed) this.#tallies.add(id, "failed", 1);
    exchange.ended(isWhole);
    this.#remember(id, exchange);
    if (exchange.isShown) {
      publishFact({ kind: "connection_closed", connection: exchange.toClosedState(isWhole) });
    }
    if (this.#exchanges.size === 0) this.#tellEmpty();
  }

  /** Cuts what matches the filter. @returns how many. */
  closeWhere(filter: CloseConnectionsFilter, reason: CloseReason): number {
    const { connectionIds, tunnelId, clusterId } = filter;
    if (connectionIds === undefined && tunnelId === undefined && clusterId === undefined) return 0;
    const ids = connectionIds === undefined ? null : new Set<string>(connectionIds);
    return this.#cutIf(reason, (exchange) => {
      const { tunnel } = exchange.route;
      if (ids !== null && !(exchange.isShown && ids.has(exchange.id))) return false;
      if (tunnelId !== undefined && tunnelId !== tunnel.id) return false;
      return clusterId === undefined || clusterId === tunnel.clusterId;
    });
  }

  closeAll(reason: CloseReason): void {
    this.#cutIf(reason, () => true);
  }

  /** Releases the clients of tunnels that are gone or switched off. Called when the routes have changed. */
  releaseUndesired(): void {
    for (const exchange of [...this.#exchanges]) {
      const found = this.#routes.findRoute(exchange.route.tunnel.id);
      const state = found?.tunnel.state ?? "removed";
      if (state === "disabled" || state === "removed") exchange.cut(RELEASE_REASONS[state]);
    }
  }

  /** Looks at the counters and the clock. Called once a second. */
  sweep(): ExchangeChanges {
    const nowMs = this.#clock.monotonicMs();
    const connections: ExchangeChanges["connections"] = [];
    for (const exchange of [...this.#exchanges]) {
      const isChanged = this.#count(exchange);
      if (exchange.ageMs(nowMs) >= SHOWN_AFTER_MS) this.show(exchange);
      if (exchange.isShown && isChanged) {
        connections.push(changeOf(exchange.toState()));
      }
      this.#checkTime(exchange, nowMs);
    }
    return { tunnels: this.#takeChanged(), connections, requests: this.#takeRecords() };
  }

  /** Everything at once, counted to this moment. */
  snapshot(): { readonly connections: ConnectionState[]; readonly counters: TunnelCounters[] } {
    for (const exchange of this.#exchanges) this.#count(exchange);
    const shown = [...this.#exchanges].filter(({ isShown }) => isShown);
    return {
      connections: shown.map((exchange) => exchange.toState()),
      counters: this.#tallies.all().map((tally) => this.#withHttp(tally)),
    };
  }

  /** @returns once no request is in flight. */
  whenEmpty(): Promise<void> {
    if (this.#exchanges.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #checkTime(exchange: Exchange, nowMs: number): void {
    const { id, policy } = exchange.route.tunnel;
    const quietMs = exchange.quietMs(nowMs);
    if (exchange.isBodyDue && exchange.status === null && quietMs >= BODY_QUIET_MAX_MS) {
      return exchange.cut("idle_timeout");
    }
    const { idleTimeoutMs } = this.#routes.findRoute(id)?.tunnel.policy ?? policy;
    if (quietMs >= idleTimeoutMs) exchange.cut("idle_timeout");
  }

  #takeChanged(): TunnelCounters[] {
    const changed = this.#tallies.takeChanged().map((tally) => this.#withHttp(tally));
    this.#tallies.prune((id) => this.#routes.findRoute(id) !== null);
    for (const id of this.#http.keys()) {
      if (!this.#openOf.has(id) && this.#routes.findRoute(id) === null) this.#http.delete(id);
    }
    return changed;
  }

  #withHttp(tally: TunnelCounters): TunnelCounters {
    return { ...tally, http: this.#httpOf(tally.tunnelId).toCounts() };
  }

  #takeRecords(): HttpRequestRecord[] {
    const all = [...this.#over.values()].flat();
    this.#over.clear();
    const newest = all.sort((a, b) => a.endedAt - b.endedAt).slice(-CHANNEL_LIMITS.requestRecords);
    return newest.map((exchange) => exchange.toRecord());
  }

  #remember(id: TunnelId, exchange: Exchange): void {
    const over = this.#over.get(id) ?? [];
    this.#over.set(id, over);
    over.push(exchange);
    if (over.length > CHANNEL_LIMITS.requestRecordsPerTunnel) over.shift();
  }

  /** Adds what a request carried since the last look to its tunnel. @returns whether it carried anything. */
  #count(exchange: Exchange): boolean {
    const { id } = exchange.route.tunnel;
    const messages = exchange.observeMessages();
    if (messages.in + messages.out > 0) this.#httpOf(id).addMessages(messages);
    const added = exchange.observe();
    if (added === null) return false;
    this.#tallies.add(id, "bytesIn", added.bytesIn);
    this.#tallies.add(id, "bytesOut", added.bytesOut);
    return true;
  }

  #openCount(id: TunnelId): number {
    return this.#openOf.get(id) ?? 0;
  }

  #forgetOpen(id: TunnelId): void {
    const left = this.#openCount(id) - 1;
    if (left > 0) this.#openOf.set(id, left);
    else this.#openOf.delete(id);
  }

  #httpOf(id: TunnelId): HttpTally {
    const known = this.#http.get(id);
    if (known !== undefined) return known;
    const fresh = new HttpTally();
    this.#http.set(id, fresh);
    return fresh;
  }

  #cutIf(reason: CloseReason, matches: (exchange: Exchange) => boolean): number {
    let count = 0;
    for (const exchange of [...this.#exchanges]) {
      if (exchange.cutReason !== null || !matches(exchange)) continue;
      exchange.cut(reason);
      count += 1;
    }
    return count;
  }

  #tellEmpty(): void {
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const tell of waiting) tell();
  }
}

function changeOf({ id, bytesIn, bytesOut, lastActivityAt, messages }: ConnectionState) {
  const moved = { id, bytesIn, bytesOut, lastActivityAt };
  return messages === undefined ? moved : { ...moved, messages };
}
