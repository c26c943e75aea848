import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CulvertServer, startAgent } from "../../harness/culvert.ts";
import { findChildren, type RunningProgram } from "../../harness/process.ts";
import type { KubernetesObject } from "../../kubernetes/harness/cluster-client.ts";

export interface LabParts {
  readonly server: CulvertServer;
  readonly agent: RunningProgram;
  readonly clusterId: string;
  readonly folder: string;
}

/** A server, and a real agent that reads the objects of its cluster from a folder. */
export class Lab {
  readonly server: CulvertServer;
  readonly agent: RunningProgram;
  readonly #folder: string;

  protected constructor({ server, agent, folder }: LabParts) {
    this.server = server;
    this.agent = agent;
    this.#folder = folder;
  }

  /** @param env of the server. */
  protected static async startParts(
    objects: readonly KubernetesObject[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<LabParts> {
    const folder = await mkdtemp(join(tmpdir(), "culvert-services-"));
    const server = await CulvertServer.start(env);
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await writeFile(join(folder, "objects.json"), list);
    const { clusterId, token } = await server.createCluster("services");
    const agent = startAgent({ server, token, name: "services-agent", manifests: folder });
    return { server, agent, clusterId, folder };
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
