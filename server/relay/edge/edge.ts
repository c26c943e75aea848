import type { CloseReason } from "#protocol/api/connections.ts";
import type { TunnelId } from "#protocol/api/ids.ts";
import type { CloseConnectionsFilter } from "#protocol/relay/channel.ts";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { ListenerState } from "#protocol/relay/events.ts";
import type { Clock } from "#server/lib/clock.ts";
import { publishFact } from "#server/lib/relay-facts.ts";
import type { Logger } from "#server/observability/logger.ts";
import type { DirectWay, LinkSource, RouteSource } from "../connections/connection-ports.ts";
import type { IsTrustedProxy } from "../headers/trusted-proxies.ts";
import type { PortClaims } from "../listeners/port-claims.ts";
import { PortListener, type PortState } from "../listeners/port-listener.ts";
import { BackendDialer } from "./backend/dial-backend.ts";
import { Http1Agent } from "./backend/http1-agent.ts";
import { Http2Sessions } from "./backend/http2-sessions.ts";
import type { ClientSide } from "./client/client-side.ts";
import type { UpgradeClient } from "./client/upgrade-client.ts";
import { bindEdgePort } from "./edge-port.ts";
import { admitRequest } from "./exchange/admit-request.ts";
import { Copies } from "./exchange/copies.ts";
import type { EdgeDeps } from "./exchange/edge-deps.ts";
import { ExchangeTable } from "./exchange/exchange-table.ts";
import { RequestFlow } from "./exchange/request-flow.ts";
import { UpgradeFlow } from "./exchange/upgrade-flow.ts";
import { HostTable, type ReservedNames } from "./routing/host-table.ts";

/** Lines about refused requests in a second; the others are not written. */
const REFUSAL_LINES_MAX = 20;

export interface EdgeOptions {
  readonly host: string;
  readonly port: number;
  readonly reserved: ReservedNames;
  readonly claims: PortClaims;
  readonly retryDelayMs?: number;
  readonly links: LinkSource;
  readonly routes: RouteSource;
  readonly direct: DirectWay;
  readonly isTrustedProxy: IsTrustedProxy;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** The HTTP edge of this relay process: one port for every HTTP tunnel, found by host name. */
export class Edge {
  readonly table: ExchangeTable;
  readonly #options: EdgeOptions;
  readonly #deps: EdgeDeps;
  #tunnels: ReadonlyMap<string, DesiredTunnel> = new Map();
  #accepting: ReadonlySet<string> = new Set();
  #hosts = new HostTable([]);
  #listener: PortListener | null = null;
  readonly #told = new Map<TunnelId, ListenerState>();
  #isDraining = false;
  #refusalLines = 0;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { clock, routes, links, direct } = options;
    this.table = new ExchangeTable(routes, clock);
    const dialer = new BackendDialer({ links, direct });
    const now = (): number => clock.monotonicMs();
    this.#deps = {
      ...options,
      table: this.table,
      dialer,
      agent: new Http1Agent(dialer, now),
      sessions: new Http2Sessions(dialer, now),
      copies: new Copies(now),
      hosts: () => this.#hosts,
      isAccepting: (tunnelId) => this.#accepting.has(tunnelId),
      isDraining: () => this.#isDraining,
      onRefused: (facts) => this.#logRefusal(facts),
    };
  }

  /**
   * Takes a new generation of HTTP tunnels: all that are known, and those that clients are served of here.
   * The port is open while there is any.
   *
   * @returns once the port listens or has failed for the first time.
   */
  async reconcile(
    tunnels: ReadonlyMap<string, DesiredTunnel>,
    accepting: ReadonlySet<string>,
  ): Promise<void> {
    if (this.#isDraining) return;
    if (tunnels !== this.#tunnels) {
      this.#hosts = new HostTable(tunnels.values(), this.#options.reserved);
    }
    this.#tunnels = tunnels;
    this.#accepting = accepting;
    if (tunnels.size === 0) {
      this.#listener?.stop();
      this.#listener = null;
    } else if (this.#listener === null) {
      this.#listener = this.#createListener();
      await this.#listener.start();
    }
    this.#tell();
  }

  /** The edge's port as each HTTP tunnel's listener. */
  states(): ListenerState[] {
    return [...this.#told.values()];
  }

  closeWhere(filter: CloseConnectionsFilter, reason: CloseReason): number {
    return this.table.closeWhere(filter, reason);
  }

  /** One look at the clock and the counters. */
  sweep(): ReturnType<ExchangeTable["sweep"]> {
    this.#refusalLines = 0;
    this.#deps.agent.sweep();
    this.#deps.sessions.sweep();
    this.#deps.copies.sweep();
    return this.table.sweep();
  }

  /** Takes nothing new; requests in flight end by themselves. Idempotent. */
  drain(): void {
    this.#isDraining = true;
    this.#listener?.stop();
  }

  /** Drops what is left. */
  close(): void {
    this.#deps.agent.destroy();
    this.#deps.sessions.close();
  }

  #createListener(): PortListener {
    const { host, port, claims, clock, retryDelayMs, log } = this.#options;
    return new PortListener({
      transport: "tcp",
      host,
      port,
      claims,
      clock,
      ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
      bind: (options) =>
        bindEdgePort(options, {
          onRequest: (client) => this.#onRequest(client),
          onUpgrade: (client) => this.#onUpgrade(client),
          onMalformed: (reason, clientAddress) => this.#logRefusal({ reason, clientAddress }),
        }),
      onState: ({ state, reason }) => {
        if (state === "failed") log.warn({ port, reason }, "edge failed");
        else log.info({ port }, `edge ${state}`);
        this.#tell();
      },
    });
  }

  #onRequest(client: ClientSide): void {
    const admitted = admitRequest(client, this.#deps);
    if (admitted !== null) new RequestFlow(client, admitted, this.#deps).start();
  }

  #onUpgrade(client: UpgradeClient): void {
    const admitted = admitRequest(client, this.#deps);
    if (admitted !== null) new UpgradeFlow(client, admitted, this.#deps).start();
  }

  /** Tells of each tunnel what became of the port for it, where that is news. */
  #tell(): void {
    const port = this.#listener?.state ?? null;
    for (const id of [...this.#told.keys()]) {
      if (!this.#tunnels.has(id)) this.#told.delete(id);
    }
    for (const { id } of this.#tunnels.values()) {
      const state = port === null ? null : this.#stateOf(id, port);
      const before = this.#told.get(id);
      if (state === null || (before?.state === state.state && before.reason === state.reason)) {
        continue;
      }
      this.#told.set(id, state);
      publishFact({ kind: "listener", listener: state });
    }
  }

  #stateOf(tunnelId: TunnelId, port: PortState): ListenerState {
    if (port.state === "listening" && !this.#accepting.has(tunnelId)) {
      return { ...port, tunnelId, state: "stopped", since: this.#options.clock.now() };
    }
    return { ...port, tunnelId };
  }

  #logRefusal(facts: { readonly reason: string; readonly clientAddress: string }): void {
    this.#refusalLines += 1;
    if (this.#refusalLines > REFUSAL_LINES_MAX) return;
    this.#options.log.info(facts, "request refused");
  }
}
