import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TunnelPage, type TunnelDto } from "#protocol/api/tunnels.ts";
import { isOpen, relayPort } from "../../fixtures/shop.ts";
import { CulvertServer, startAgent } from "../../harness/culvert.ts";
import { eventually, findChildren, type RunningProgram } from "../../harness/process.ts";

export interface Listener {
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  /** Where the service really is, on loopback. */
  readonly target: number;
}

/** A server and a real agent that publishes some listeners of one Gateway from a folder of manifests. */
export class PortLab {
  readonly server: CulvertServer;
  readonly agent: RunningProgram;
  readonly #tunnels: ReadonlyMap<string, TunnelDto>;
  readonly #folder: string;

  private constructor(
    server: CulvertServer,
    agent: RunningProgram,
    tunnels: ReadonlyMap<string, TunnelDto>,
    folder: string,
  ) {
    this.server = server;
    this.agent = agent;
    this.#tunnels = tunnels;
    this.#folder = folder;
  }

  static async start(listeners: readonly Listener[]): Promise<PortLab> {
    const folder = await mkdtemp(join(tmpdir(), "culvert-services-"));
    const server = await CulvertServer.start();
    await writeFile(join(folder, "gateway.yaml"), describe(listeners));
    const { clusterId, token } = await server.createCluster("services");
    const agent = startAgent({ server, token, name: "services-agent", manifests: folder });
    const tunnels = await eventually("every tunnel is open", async () => {
      const { items } = await server.api(TunnelPage, `/tunnels?clusterId=${clusterId}`);
      const open = items.filter(isOpen);
      return open.length === listeners.length ? open : undefined;
    });
    const byName = new Map(tunnels.map((tunnel) => [tunnel.listener.name, tunnel]));
    return new PortLab(server, agent, byName, folder);
  }

  tunnel(name: string): TunnelDto {
    const tunnel = this.#tunnels.get(name);
    if (tunnel === undefined) throw new Error(`no tunnel of listener ${name}`);
    return tunnel;
  }

  port(name: string): number {
    return relayPort(this.tunnel(name));
  }

  /** The process that carries the bytes on the server's side. */
  relayPid(): number {
    const [pid] = findChildren(this.server.pid, "server/relay/main.ts");
    if (pid === undefined) throw new Error("no relay process found");
    return pid;
  }

  agentPid(): number {
    return this.agent.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    await this.agent.stop();
    await this.server.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function describe(listeners: readonly Listener[]): string {
  const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: services, name: edge, labels: { culvert.dev/managed: "true" } }
spec:
  gatewayClassName: test
  listeners:
${listeners.map(({ name, protocol, port }) => `    - { name: ${name}, protocol: ${protocol}, port: ${port} }`).join("\n")}
`;
  return [gateway, ...listeners.map(describeListener)].join("---\n");
}

function describeListener({ name, protocol, port, target }: Listener): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: ${protocol}Route
metadata: { namespace: services, name: ${name} }
spec:
  parentRefs: [{ name: edge, sectionName: ${name} }]
  rules: [{ backendRefs: [{ name: ${name}, port: ${port} }] }]
---
apiVersion: v1
kind: Service
metadata: { namespace: services, name: ${name} }
spec: { ports: [{ name: main, protocol: ${protocol}, port: ${port} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  namespace: services
  name: ${name}-1
  labels: { kubernetes.io/service-name: ${name} }
addressType: IPv4
ports: [{ name: main, protocol: ${protocol}, port: ${target} }]
endpoints: [{ addresses: [127.0.0.1], conditions: { ready: true } }]
`;
}
