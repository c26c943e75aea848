import type { Clock } from "#server/lib/clock.ts";
import type { Logger } from "#server/observability/logger.ts";
import type { RouteSource } from "../../connections/connection-ports.ts";
import type { IsTrustedProxy } from "../../headers/trusted-proxies.ts";
import type { BackendDialer } from "../backend/dial-backend.ts";
import type { Http1Agent } from "../backend/http1-agent.ts";
import type { Http2Sessions } from "../backend/http2-sessions.ts";
import type { HostTable } from "../routing/host-table.ts";
import type { Copies } from "./copies.ts";
import type { ExchangeTable } from "./exchange-table.ts";

/** What serving a request needs of the edge it came to. */
export interface EdgeDeps {
  readonly routes: RouteSource;
  readonly table: ExchangeTable;
  readonly dialer: BackendDialer;
  readonly agent: Http1Agent;
  readonly sessions: Http2Sessions;
  readonly copies: Copies;
  readonly isTrustedProxy: IsTrustedProxy;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the newest desired state. */
  hosts(): HostTable;
  /** True while the tunnel is served here and not at its direct address. */
  isAccepting(tunnelId: string): boolean;
  isDraining(): boolean;
  /** A request was turned away that no tunnel's figures know of. */
  onRefused(facts: { readonly reason: string; readonly clientAddress: string }): void;
}
