import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { adoptSocket } from "#mux/socket/large-read-socket.ts";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { RelayId } from "#protocol/api/ids.ts";
import type { CloseConnectionsFilter, RelaySnapshot } from "#protocol/relay/channel.ts";
import type { DesiredCluster, DesiredToken, DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { Clock } from "#server/lib/clock.ts";
import type { Logger } from "#server/observability/logger.ts";
import { RelayChannel } from "./channel/relay-channel.ts";
import type { LinkSource } from "./connections/connection-ports.ts";
import { CONNECTIONS_MAX, ConnectionTable } from "./connections/connection-table.ts";
import { Edge } from "./edge/edge.ts";
import type { ReservedNames } from "./edge/routing/host-table.ts";
import { createProber, type DirectSettings } from "./direct/create-prober.ts";
import type { DirectProber } from "./direct/direct-prober.ts";
import { DirectSwitch } from "./direct/direct-switch.ts";
import { FrontDoor, type FrontDoorTimeouts } from "./front-door/front-door.ts";
import { createTrustedProxies, toPlainAddress } from "./headers/trusted-proxies.ts";
import { WebProxy } from "./front-door/web-proxy.ts";
import { ListenerSet } from "./listeners/listener-set.ts";
import type { PortClaims } from "./listeners/port-claims.ts";
import {
  applyChange,
  indexDesired,
  NOTHING_DESIRED,
  type DesiredIndex,
} from "./routing/desired-store.ts";
import { RouteTable } from "./routing/route-table.ts";

const SWEEP_INTERVAL_MS = 1_000;
/** Thousands of tunnels may lose their direct address together: their ports are opened in one go, milliseconds. */
const TURNS_DELAY_MS = 20;
/** TCP keep-alive of clients' sockets, milliseconds: REQUIREMENTS A1. */
const CLIENT_KEEP_ALIVE_MS = 30_000;
/** How long sockets that were cut may take to close, and the last words to be read; milliseconds. */
const LAST_WORDS_MS = 1_000;

/** The place of agent links, as this process uses it. */
export interface Hub {
  readonly registry: LinkSource;
  accept(upgrade: {
    readonly request: IncomingMessage;
    readonly socket: Duplex;
    readonly head: Buffer;
    readonly address: string;
  }): void;
  applyDesired(state: {
    readonly clusters: ReadonlyMap<string, DesiredCluster>;
    readonly tokens: Iterable<DesiredToken>;
    readonly tunnels: ReadonlyMap<string, DesiredTunnel>;
  }): void;
  sweep(): void;
  drain(reason: string): void;
  /** @returns once the agents have let go, or were dropped. */
  close(): Promise<void>;
  links(): RelaySnapshot["links"];
  inventories(): RelaySnapshot["inventories"];
}

export interface RelayProcessOptions {
  readonly relayId: RelayId;
  readonly version: string;
  readonly pid: number;
  readonly frontDoor: {
    readonly host: string;
    readonly port: number;
    readonly trustedProxies: readonly string[];
    readonly timeouts: FrontDoorTimeouts;
  };
  /** Address that relay ports and the edge are bound to. */
  readonly bind: string;
  readonly edge: { readonly port: number; readonly reserved: ReservedNames };
  readonly claims: PortClaims;
  /** Its front door is known here. */
  readonly direct: DirectSettings;
  /** Unix sockets of the web process: its pages, and its end of the relay channel. */
  readonly sockets: { readonly web: string; readonly control: string };
  readonly channelSecret: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly createHub: (deps: { readonly isWebReachable: () => boolean }) => Hub;
  readonly listenerRetryMs?: number;
  readonly memoryBytes: () => number;
}

/** One relay process, wired: front door, hub, listeners, connections, channel. */
export class RelayProcess {
  readonly #options: RelayProcessOptions;
  readonly #routes = new RouteTable();
  readonly #hub: Hub;
  readonly #table: ConnectionTable;
  readonly #listeners: ListenerSet;
  readonly #edge: Edge;
  readonly #prober: DirectProber;
  readonly #switch: DirectSwitch;
  readonly #channel: RelayChannel;
  #frontDoor: FrontDoor | null = null;
  #desired: DesiredIndex = NOTHING_DESIRED;
  #isReady = false;
  #isDraining = false;
  #sweepTimer: NodeJS.Timeout | undefined;
  #turnsTimer: NodeJS.Timeout | undefined;

  constructor(options: RelayProcessOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#hub = options.createHub({ isWebReachable: () => this.#channel.isWebReachable });
    this.#prober = createProber({
      ...options.direct,
      clock,
      random: options.random,
      isOwnPort: (port) => port === this.#frontDoor?.port || options.direct.isOwnPort(port),
      onTurn: (tunnelId) => this.#onDirectTurn(tunnelId),
    });
    this.#switch = new DirectSwitch({
      isSteady: (tunnelId) => this.#prober.isSteady(tunnelId),
      canTell: () => this.#channel.isWebReachable,
      clock,
      onDue: () => void this.#reconcileListeners(),
    });
    this.#table = new ConnectionTable({
      links: this.#hub.registry,
      routes: this.#routes,
      direct: this.#prober,
      clock,
      connectionsMax: CONNECTIONS_MAX,
    });
    this.#listeners = new ListenerSet({
      host: options.bind,
      claims: options.claims,
      clock,
      log,
      ...(options.listenerRetryMs === undefined ? {} : { retryDelayMs: options.listenerRetryMs }),
      onConnection: (socket, tunnelId) => this.#onClient(socket, tunnelId),
      onAssociation: (socket, tunnelId) => this.#accept(socket, tunnelId),
      onUdpPortWanted: (tunnelId) => this.#table.endLeftOvers(tunnelId),
      onDatagramRefused: (tunnelId) => this.#table.dropDatagram(tunnelId),
    });
    this.#edge = new Edge({
      host: options.bind,
      ...options.edge,
      claims: options.claims,
      ...(options.listenerRetryMs === undefined ? {} : { retryDelayMs: options.listenerRetryMs }),
      links: this.#hub.registry,
      routes: this.#routes,
      direct: this.#prober,
      isTrustedProxy: createTrustedProxies(options.frontDoor.trustedProxies),
      clock,
      random: options.random,
      log,
    });
    this.#channel = this.#createChannel();
  }

  /** The live connections, for tests and for whoever shuts down. */
  get connections(): ConnectionTable {
    return this.#table;
  }

  get isWebReachable(): boolean {
    return this.#channel.isWebReachable;
  }

  links(): RelaySnapshot["links"] {
    return this.#hub.links();
  }

  /**
   * Opens the front door and starts to look for the web process.
   *
   * @returns the port of the front door.
   * @throws the system's error when that port cannot be bound.
   */
  async start(): Promise<number> {
    const { frontDoor, claims, sockets } = this.#options;
    const door = new FrontDoor({
      host: frontDoor.host,
      port: frontDoor.port,
      timeouts: frontDoor.timeouts,
      proxy: new WebProxy(sockets.web),
      isTrustedProxy: createTrustedProxies(frontDoor.trustedProxies),
      onAgent: (upgrade) => this.#hub.accept(upgrade),
      isReady: () => this.#isReady && !this.#isDraining,
    });
    const { host, port } = frontDoor;
    await claims.bind({ host, port, transport: "tcp" }, (reusePort) => door.listen(reusePort));
    this.#frontDoor = door;
    this.#channel.start();
    this.#sweepTimer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS);
    return door.port;
  }

  /** One look at the clock and the counters. */
  sweep(): void {
    this.#hub.sweep();
    for (const tunnelId of this.#switch.overdue(this.#routes.openTunnels())) {
      this.#closeWhere({ tunnelId }, "moved_to_direct");
    }
    this.#listeners.sweep();
    const changes = this.#table.sweep();
    const { tunnels, connections, requests } = this.#edge.sweep();
    this.#channel.sendCounters({
      tunnels: [...changes.tunnels, ...tunnels],
      connections: [...changes.connections, ...connections],
      requests,
      memoryBytes: this.#options.memoryBytes(),
    });
  }

  /**
   * Accepts nothing new, lets connections end by themselves for a while, then closes everything. Idempotent.
   *
   * @param drainMs how long connections may take.
   */
  async stop(drainMs: number): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const { log } = this.#options;
    const { table: exchanges } = this.#edge;
    log.info({ connections: this.#table.size, requests: exchanges.size }, "relay draining");
    this.#frontDoor?.stop();
    this.#listeners.stop();
    this.#edge.drain();
    // Another relay process can have the ports now. Clients of UDP notice nothing: their next datagram begins anew.
    this.#table.closeAssociations("relay_shutdown");
    clearTimeout(this.#turnsTimer);
    this.#switch.close();
    this.#prober.close();
    this.#hub.drain("The relay is shutting down.");
    this.#table.closeWaiting("relay_shutdown");
    const whenEmpty = async (): Promise<void> => {
      await Promise.all([this.#table.whenEmpty(), exchanges.whenEmpty()]);
    };
    await within(whenEmpty(), drainMs);
    this.#table.closeAll("relay_shutdown");
    exchanges.closeAll("relay_shutdown");
    await within(whenEmpty(), LAST_WORDS_MS);
    this.#edge.close();
    this.sweep();
    clearInterval(this.#sweepTimer);
    // A process that ends with unread bytes resets its sockets, and nobody would read why.
    await this.#hub.close();
    this.#frontDoor?.close();
    await this.#channel.close(LAST_WORDS_MS);
    this.#options.claims.release(this.#options.frontDoor.port);
    log.info("relay stopped");
  }

  #createChannel(): RelayChannel {
    const { relayId, version, pid, sockets, channelSecret, clock, random, log } = this.#options;
    return new RelayChannel({
      socketPath: sockets.control,
      secret: channelSecret,
      hello: { relayId, instanceId: randomUUID(), pid, version, startedAt: clock.now() },
      clock,
      random,
      log,
      handler: {
        applyDesired: (state) => this.#apply(indexDesired(state)),
        applyChange: (change) => this.#apply(applyChange(this.#desired, change)),
        closeConnections: (filter, reason) => this.#closeWhere(filter, reason),
        snapshot: () => this.#snapshot(),
      },
    });
  }

  async #apply(desired: DesiredIndex): Promise<void> {
    this.#desired = desired;
    this.#routes.replace(desired.tunnels);
    this.#hub.applyDesired({
      clusters: desired.clusters,
      tokens: desired.tokens.values(),
      tunnels: desired.tunnels,
    });
    if (!this.#isDraining) this.#prober.reconcile(desired.tunnels);
    const opened = this.#reconcileListeners();
    this.#table.releaseUndesired();
    this.#edge.table.releaseUndesired();
    await opened;
    this.#isReady = true;
  }

  /** Opens the ports of tunnels that the relay is to serve, and closes those that moved to their direct address. */
  async #reconcileListeners(): Promise<void> {
    if (this.#isDraining) return;
    const accepting = new Set(this.#switch.accepting(this.#routes.openTunnels()).keys());
    const ports = [...this.#routes.portTunnels()].filter(([id]) => accepting.has(id));
    await Promise.all([
      this.#listeners.reconcile(new Map(ports)),
      this.#edge.reconcile(this.#routes.httpTunnels(), accepting),
    ]);
  }

  #closeWhere(filter: CloseConnectionsFilter, reason: CloseReason): number {
    return this.#table.closeWhere(filter, reason) + this.#edge.closeWhere(filter, reason);
  }

  #snapshot(): Omit<RelaySnapshot, "closedMeanwhile" | "refusals"> {
    const connections = this.#table.snapshot();
    const requests = this.#edge.table.snapshot();
    return {
      links: this.#hub.links(),
      inventories: this.#hub.inventories(),
      listeners: [...this.#listeners.states(), ...this.#edge.states()],
      direct: this.#prober.states(),
      connections: [...connections.connections, ...requests.connections],
      counters: [...connections.counters, ...requests.counters],
    };
  }

  #onDirectTurn(tunnelId: string): void {
    this.#turnsTimer ??= setTimeout(() => {
      this.#turnsTimer = undefined;
      void this.#reconcileListeners();
    }, TURNS_DELAY_MS);
    if (this.#prober.isSteady(tunnelId)) this.#table.directVerified(tunnelId);
  }

  #onClient(socket: Socket, tunnelId: string): void {
    // Gone before we looked.
    if (socket.remoteAddress === undefined) socket.destroy();
    else this.#accept(adoptSocket(socket, { keepAliveMs: CLIENT_KEEP_ALIVE_MS }), tunnelId);
  }

  #accept(socket: ByteSocket, tunnelId: string): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) return socket.destroy();
    const address = toPlainAddress(remoteAddress);
    const host = address.includes(":") ? `[${address}]` : address;
    this.#table.accept(tunnelId, socket, `${host}:${remotePort}`);
  }
}

/** Waits for `work`, at most `timeoutMs`. Its outcome does not matter here, only that it is over. */
async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
