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

  replace(tunnels: ReadonlyMap<string, DesiredTunnel>): void {
    this.#routes = new Map(
      [...tunnels].map(([id, tunnel]) => [id, { tunnel, keyText: listenerKeyText(tunnel.target) }]),
    );
  }

  /** @returns null for a tunnel that is not desired (any more). */
  findRoute(tunnelId: string): Route | null {
    return this.#routes.get(tunnelId) ?? null;
  }

  /** Tunnels that have a relay port of their own and are open, by id. */
  openPortTunnels(): ReadonlyMap<string, PortTunnel> {
    const open = new Map<string, PortTunnel>();
    for (const [id, { tunnel }] of this.#routes) {
      const { relayPort, target } = tunnel;
      const hasPort = target.protocol === "tcp" || target.protocol === "udp";
      if (tunnel.state === "open" && hasPort && relayPort !== null) {
        open.set(id, { ...tunnel, relayPort });
      }
    }
    return open;
  }
}
