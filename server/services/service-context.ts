import type { CloseReason } from "#protocol/api/connections.ts";
import type { CloseConnectionsFilter } from "#protocol/relay/channel.ts";
import type { Db } from "#server/db/db.ts";
import type { Changes } from "./changes.ts";
import type { HostNameBook } from "./http-names/host-name-book.ts";
import type { LiveState } from "./live-state.ts";

/** What services ask of relay processes; implemented in server/relays. */
export interface RelayCommands {
  /** Closes open connections on every relay and says how many there were. */
  closeConnections(filter: CloseConnectionsFilter, reason: CloseReason): Promise<number>;
}

/** Facts about this installation that do not change while it runs. */
export interface Installation {
  /** Without a slash at the end. */
  readonly publicUrl: string;
  /** The host that endpoints name. */
  readonly relayHost: string;
  readonly relayPorts: { readonly from: number; readonly to: number };
  /** Where HTTP tunnels are served: each has a name of its own below the domain, and all share the port. */
  readonly edge: { readonly domain: string; readonly port: number };
  /** Address ranges that count as public although they are not globally routable. */
  readonly directCidrs: readonly string[];
  /** The agent's container image, as commands and manifests name it. */
  readonly agentImage: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly database: "sqlite" | "postgres";
  /** Plain sentences an administrator should read. */
  readonly warnings: readonly string[];
}

/** Everything services depend on. Each takes the part it needs: `Pick<ServiceContext, "db" | "now">`. */
export interface ServiceContext {
  readonly db: Db;
  readonly now: () => Date;
  readonly changes: Changes;
  readonly live: LiveState;
  readonly hostNames: HostNameBook;
  readonly relays: RelayCommands;
  readonly installation: Installation;
}
