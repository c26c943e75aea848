import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { ErrorBody } from "#protocol/api/common.ts";
import {
  eventually,
  findChildren,
  findFreePort,
  runProgram,
  startProgram,
  type RunningProgram,
} from "./process.ts";

const CULVERT = "bin/culvert.ts";

/** A control plane of its own: built server, temporary data folder, own ports. */
export class CulvertServer {
  /** What all of them printed, the newest last: it explains a failed journey. */
  static readonly logs: (() => string)[] = [];
  readonly url: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  #program: RunningProgram | undefined;
  #apiKey: string | undefined;

  private constructor(url: string, dataDir: string, env: Readonly<Record<string, string>>) {
    this.url = url;
    this.dataDir = dataDir;
    this.env = env;
  }

  static async start(extra: Readonly<Record<string, string>> = {}): Promise<CulvertServer> {
    const dataDir = await mkdtemp(join(tmpdir(), "culvert-e2e-"));
    const port = await findFreePort();
    const relayFrom = await findFreePort(15_000, 19_500);
    const url = `http://localhost:${port}`;
    const server = new CulvertServer(url, dataDir, {
      CULVERT_HOST: "127.0.0.1",
      CULVERT_PORT: String(port),
      CULVERT_PUBLIC_URL: url,
      CULVERT_DATA_DIR: dataDir,
      CULVERT_RELAY_BIND: "127.0.0.1",
      CULVERT_RELAY_PORTS: `${relayFrom}-${relayFrom + 400}`,
      CULVERT_EDGE_PORT: String(await findFreePort()),
      ...extra,
    });
    CulvertServer.logs.push(() => server.output());
    await server.launch();
    return server;
  }

  /** Starts the program again on the same data and ports. */
  async launch(): Promise<void> {
    const program = startProgram({ args: [CULVERT, "server"], env: this.env });
    this.#program = program;
    await eventually(
      "the server is ready",
      async () => {
        if (program.child.exitCode !== null) throw new Error(program.output());
        const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
        return answer?.ok === true ? true : undefined;
      },
      60_000,
    );
  }

  /** The supervisor's. */
  get pid(): number {
    return this.#running().child.pid ?? 0;
  }

  output(): string {
    return this.#program?.output() ?? "";
  }

  waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#running().waitForOutput(pattern);
  }

  /** Kills the web process or every relay process outright; the supervisor brings them back. */
  killChild(which: "web" | "relay"): void {
    const [pid] = findChildren(this.#running().child.pid ?? 0, `server/${which}/main.ts`);
    if (pid === undefined) throw new Error(`no ${which} process found`);
    process.kill(pid, "SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  admin(args: readonly string[], input = ""): Promise<string> {
    return runProgram({ args: [CULVERT, "admin", ...args], env: this.env, input });
  }

  async createCluster(name: string): Promise<{ clusterId: string; token: string }> {
    return JSON.parse(await this.admin(["create-cluster", "--name", name])) as {
      clusterId: string;
      token: string;
    };
  }

  /** Calls the API with a key of an administrator, and parses the answer. */
  async api<T extends z.ZodType>(
    schema: T,
    path: string,
    init: RequestInit = {},
  ): Promise<z.infer<T>> {
    this.#apiKey ??= await this.admin(["create-api-key", "--name", "tests", "--role", "admin"]);
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.#apiKey}`, "content-type": "application/json" },
    });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${ErrorBody.parse(body).error.message}`);
    return schema.parse(body);
  }

  #running(): RunningProgram {
    if (this.#program === undefined) throw new Error("the server was not launched");
    return this.#program;
  }
}

export interface AgentOptions {
  readonly server: CulvertServer;
  readonly token: string;
  readonly name: string;
  readonly expose?: readonly string[];
  readonly manifests?: string;
}

/** A real agent, as a process of its own. */
export function startAgent(options: AgentOptions): RunningProgram {
  const exposes = (options.expose ?? []).flatMap((value) => ["--expose", value]);
  return startProgram({
    args: [CULVERT, "agent", ...exposes],
    env: {
      CULVERT_URL: options.server.url,
      CULVERT_TOKEN: options.token,
      CULVERT_AGENT_ID: options.name,
      CULVERT_AGENT_PORT: "0",
      ...(options.manifests === undefined
        ? {}
        : { CULVERT_DISCOVERY: `file:${options.manifests}` }),
    },
  });
}
