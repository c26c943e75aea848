import { TunnelDto, type PatchTunnelBody } from "#protocol/api/tunnels.ts";
import { waitForTunnel } from "../../fixtures/shop.ts";
import type { KubernetesObject } from "../../kubernetes/harness/cluster-client.ts";
import { hostOf, httpObjects, type HttpServiceWithRoute } from "./http-objects.ts";
import { Lab, type LabParts } from "./lab.ts";

/** Where a client connects, and the host name that it asks for there. */
export interface Site {
  readonly port: number;
  readonly host: string;
}

export interface HttpLabOptions {
  readonly services: readonly HttpServiceWithRoute[];
  /** Routes and whatever else the test writes itself. */
  readonly objects?: readonly KubernetesObject[];
  /** Of the server. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A lab that publishes the HTTP services of one Gateway. */
export class HttpLab extends Lab {
  readonly tunnel: TunnelDto;
  readonly edgePort: number;

  private constructor(parts: LabParts, tunnel: TunnelDto) {
    super(parts);
    this.tunnel = tunnel;
    this.edgePort = Number(parts.server.env["CULVERT_EDGE_PORT"]);
  }

  static async start({ services, objects = [], env = {} }: HttpLabOptions): Promise<HttpLab> {
    const parts = await Lab.startParts([...httpObjects(services), ...objects], env);
    const tunnel = await waitForTunnel(parts.server, parts.clusterId, isOpen);
    return new HttpLab(parts, tunnel);
  }

  /** The site of a service, by the host name of its route. */
  site(name: string): Site {
    return this.siteOf(hostOf(name));
  }

  siteOf(host: string): Site {
    return { port: this.edgePort, host };
  }

  /** What the API says of the tunnel now; `tunnel` is what it said first. */
  tunnelNow(): Promise<TunnelDto> {
    return this.server.api(TunnelDto, `/tunnels/${this.tunnel.id}`);
  }

  /** The relay hears of it a little later. */
  async change(body: PatchTunnelBody): Promise<void> {
    const init = { method: "PATCH", body: JSON.stringify(body) };
    await this.server.api(TunnelDto, `/tunnels/${this.tunnel.id}`, init);
  }
}

function isOpen({ protocol, phase, endpoints }: TunnelDto): boolean {
  const edge = endpoints.some(({ kind, verifiedAt }) => kind === "edge" && verifiedAt !== null);
  return protocol === "http" && phase === "active" && edge;
}
