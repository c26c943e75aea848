import type { HttpRouting } from "#protocol/control/http-routing.ts";
import type { DesiredHttp, DesiredTunnel } from "#protocol/relay/desired-state.ts";
import {
  comparePatterns,
  coversHost,
  isAtOrBelow,
  patternsCovering,
} from "#server/lib/host-patterns.ts";
import { compileRouting, type CompiledRouting } from "./compile-routing.ts";

export interface HostEntry {
  readonly tunnel: DesiredTunnel;
  readonly http: DesiredHttp;
  readonly routing: CompiledRouting;
  /** It was found by the tunnel's own name: routes' host names are not to be looked at. */
  readonly isOwnName: boolean;
}

/** Names that no route may answer for, whatever wildcard covers them: cookies of the dashboard go where its name goes. */
export interface ReservedNames {
  /** Of the dashboard, lower case. */
  readonly publicHost: string;
  /** Of the edge: what is below it are tunnels' own names, and nothing else. */
  readonly domain: string;
}

/** The listeners of one port of a Gateway, the most particular host name first. */
type Group = HostEntry[];

/** Compiling costs far more than the table, and most tunnels stay as they are from one table to the next. */
const compiled = new WeakMap<HttpRouting, CompiledRouting>();

/** Which tunnel answers for a host name. Built anew from each generation of the desired state; pure lookup. */
export class HostTable {
  readonly #ownNames = new Map<string, HostEntry>();
  readonly #groups = new Map<string, Group>();

  readonly #reserved: ReservedNames | null;

  constructor(tunnels: Iterable<DesiredTunnel>, reserved: ReservedNames | null = null) {
    this.#reserved = reserved;
    const groups = new Map<string, Group>();
    for (const tunnel of tunnels) {
      const { http } = tunnel;
      if (http === undefined) continue;
      const entry = new LazyEntry(tunnel, http, false);
      this.#ownNames.set(http.ownName, new LazyEntry(tunnel, http, true));
      const key = groupKey(tunnel);
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push(entry);
      // Who owns a pattern was decided before; should two claim one after all, it stays with the first.
      for (const pattern of http.hostnames) {
        if (!this.#groups.has(pattern)) this.#groups.set(pattern, group);
      }
    }
    for (const group of groups.values()) {
      group.sort((a, b) => comparePatterns(a.tunnel.target.hostname, b.tunnel.target.hostname));
    }
  }

  /**
   * Finds the tunnel: by its own name; else the group that owns the most particular pattern, and in it the listener
   * whose host name covers the host most closely. Other listeners of the port are not tried, whether that one has a
   * rule for the request or not (listener isolation).
   *
   * @param host lower case, no port, no trailing dot, as `parseHost` gives it.
   */
  find(host: string): HostEntry | null {
    const own = this.#ownNames.get(host);
    if (own !== undefined) return own;
    if (this.#isReserved(host)) return null;
    for (const pattern of patternsCovering(host)) {
      const group = this.#groups.get(pattern);
      if (group === undefined) continue;
      return group.find(({ tunnel }) => coversHost(tunnel.target.hostname, host)) ?? null;
    }
    return null;
  }

  #isReserved(host: string): boolean {
    const reserved = this.#reserved;
    if (reserved === null) return false;
    return host === reserved.publicHost || isAtOrBelow(host, reserved.domain);
  }
}

class LazyEntry implements HostEntry {
  readonly tunnel: DesiredTunnel;
  readonly http: DesiredHttp;
  readonly isOwnName: boolean;

  constructor(tunnel: DesiredTunnel, http: DesiredHttp, isOwnName: boolean) {
    this.tunnel = tunnel;
    this.http = http;
    this.isOwnName = isOwnName;
  }

  /** Compiled when it is first asked for, and then kept as long as the desired state keeps the object. */
  get routing(): CompiledRouting {
    const { routing } = this.http;
    let found = compiled.get(routing);
    if (found === undefined) {
      found = compileRouting(routing);
      compiled.set(routing, found);
    }
    return found;
  }
}

function groupKey({ clusterId, target }: DesiredTunnel): string {
  return `${clusterId} ${target.namespace} ${target.gateway} ${target.port}`;
}
