import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import { listenerKeyText } from "#protocol/control/inventory.ts";

/** Where a connection of one tunnel goes. */
export interface Route {
  readonly tunnel: DesiredTunnel;
  /** The tunnel's target as the hub's registry knows it. */
  readonly keyText: string;
}

/** A tunnel that is found by its relay port. */
export interface PortTunnel extends DesiredTunnel {
  readonly relayPort: number;
}

/** Which tunnel answers where. Pure lookup over one generation of the desired state. */
export class RouteTable {
  #routes: ReadonlyMap<string, Route> = new Map();
  #http: ReadonlyMap<string, DesiredTunnel> = new Map();

  replace(tunnels: ReadonlyMap<string, DesiredTunnel>): void {
    this.#routes = new Map(
      [...tunnels].map(([id, tunnel]) => [id, { tunnel, keyText: listenerKeyText(tunnel.target) }]),
    );
    this.#http = new Map([...tunnels].filter(([, { http }]) => http !== undefined));
  }

  /** @returns null for a tunnel that is not desired (any more). */
  findRoute(tunnelId: string): Route | null {
    return this.#routes.get(tunnelId) ?? null;
  }

  /** Every HTTP tunnel, whatever its state: host names lead to those that are off, too. */
  httpTunnels(): ReadonlyMap<string, DesiredTunnel> {
    return this.#http;
  }

  /** Tunnels that are open, by id. */
  openTunnels(): ReadonlyMap<string, DesiredTunnel> {
    const open = new Map<string, DesiredTunnel>();
    for (const [id, { tunnel }] of this.#routes) if (tunnel.state === "open") open.set(id, tunnel);
    return open;
  }

  /** Tunnels that have a relay port of their own, by id. */
  portTunnels(): ReadonlyMap<string, PortTunnel> {
    const found = new Map<string, PortTunnel>();
    for (const [id, { tunnel }] of this.#routes) {
      const { relayPort, target } = tunnel;
      const hasPort = target.protocol === "tcp" || target.protocol === "udp";
      if (hasPort && relayPort !== null) found.set(id, { ...tunnel, relayPort });
    }
    return found;
  }
}
