import { TunnelPage, type TunnelDto } from "#protocol/api/tunnels.ts";
import { isOpen, relayPort } from "../../fixtures/shop.ts";
import { eventually } from "../../harness/process.ts";
import type { KubernetesObject } from "../../kubernetes/harness/cluster-client.ts";
import { endpointSlice, gateway, route, service } from "../../kubernetes/harness/objects.ts";
import { Lab, type LabParts } from "./lab.ts";

const NAMESPACE = "services";
const GATEWAY = "edge";

export interface Listener {
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  /** Where the service really is, on loopback. */
  readonly target: number;
}

/** A lab that publishes some listeners of one Gateway, each on a port of its own. */
export class PortLab extends Lab {
  readonly #tunnels: ReadonlyMap<string, TunnelDto>;

  private constructor(parts: LabParts, tunnels: ReadonlyMap<string, TunnelDto>) {
    super(parts);
    this.#tunnels = tunnels;
  }

  static async start(listeners: readonly Listener[]): Promise<PortLab> {
    const parts = await Lab.startParts(portObjects(listeners));
    const tunnels = await eventually("every tunnel is open", async () => {
      const { items } = await parts.server.api(TunnelPage, `/tunnels?clusterId=${parts.clusterId}`);
      const open = items.filter(isOpen);
      return open.length === listeners.length ? open : undefined;
    });
    return new PortLab(parts, new Map(tunnels.map((tunnel) => [tunnel.listener.name, tunnel])));
  }

  tunnel(name: string): TunnelDto {
    const tunnel = this.#tunnels.get(name);
    if (tunnel === undefined) throw new Error(`no tunnel of listener ${name}`);
    return tunnel;
  }

  port(name: string): number {
    return relayPort(this.tunnel(name));
  }
}

/** The Gateway, and for each listener what a cluster would hold of its service. */
function portObjects(listeners: readonly Listener[]): KubernetesObject[] {
  return [
    gateway(NAMESPACE, GATEWAY, {
      listeners: listeners.map(({ name, protocol, port }) => ({ name, protocol, port })),
    }),
    ...listeners.flatMap(({ name, protocol, port, target }) => [
      route(
        `${protocol}Route`,
        { namespace: NAMESPACE, name },
        { parents: [{ name: GATEWAY, sectionName: name }], backends: [{ name, port }] },
      ),
      service(NAMESPACE, name, port, protocol),
      endpointSlice({ namespace: NAMESPACE, service: name, protocol }, target, [
        { address: "127.0.0.1" },
      ]),
    ]),
  ];
}
