/**
 * A real kube-apiserver for a test file.
 *
 *     const kubernetes = await findApiServer();              // builds it the first time; see docs/testing.md
 *     describeKubernetes("what is tested", kubernetes, (start, share) => {
 *       const shared = share({ bundle: NEWEST });            // one for all tests here; in a test: shared().client
 *       it("…", async () => {
 *         const api = await start({ bundle: NEWEST });       // one of its own, stopped when the test is over
 *         const namespace = await api.client.createNamespace("shop");
 *         await api.client.apply({ apiVersion: "v1", kind: "Service", … });
 *         await api.kill(); await api.restart();             // only where `describeKubernetes(…, "own")` was asked for
 *       });
 *     });
 *
 * There is no controller manager: nobody writes EndpointSlices or empties namespaces.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterClient } from "./cluster-client.ts";
import type { ApiServerSource } from "./find-api-server.ts";
import { installBundle, type Bundle } from "./gateway-api.ts";
import {
  assetCommands,
  builtCommands,
  type ServerCommands,
  type StartChange,
} from "./server-commands.ts";
import { ServerProcess } from "./server-process.ts";

export interface ApiServerOptions {
  /** The CRDs to install; none by default. */
  readonly bundle?: Bundle;
  /** etcd in a process of its own. */
  readonly hasOwnEtcd?: boolean;
  /** Further flags of kube-apiserver. */
  readonly flags?: readonly string[];
}

export interface RestartOptions extends StartChange {
  /** Without anything that was stored. */
  readonly isEmpty?: boolean;
}

export class ApiServer {
  readonly kubeconfig: string;
  readonly #dir: string | null;
  readonly #commands: ServerCommands | null;
  #client: ClusterClient | null = null;
  #etcd: ServerProcess | null = null;
  #server: ServerProcess | null = null;

  private constructor(dir: string | null, commands: ServerCommands | null, kubeconfig: string) {
    this.#dir = dir;
    this.#commands = commands;
    this.kubeconfig = kubeconfig;
  }

  static async start(source: ApiServerSource, options: ApiServerOptions = {}): Promise<ApiServer> {
    if (source.kind === "none") throw new Error(source.why);
    const api = await ApiServer.#launch(source, options);
    try {
      if (options.bundle !== undefined) await installBundle(api.client, options.bundle);
    } catch (error) {
      await api.stop();
      throw error;
    }
    return api;
  }

  static async #launch(
    source: Exclude<ApiServerSource, { kind: "none" }>,
    { hasOwnEtcd = false, flags = [] }: ApiServerOptions,
  ): Promise<ApiServer> {
    if (source.kind === "existing") return new ApiServer(null, null, source.kubeconfig);
    const dir = await mkdtemp(join(tmpdir(), "culvert-kube-"));
    const commands =
      source.kind === "built"
        ? builtCommands(source.program, dir, flags)
        : await assetCommands(source.folder, dir, flags);
    const api = new ApiServer(dir, commands, commands.kubeconfig);
    await api.#run({}, hasOwnEtcd || commands.both({}) === null);
    return api;
  }

  /** The administrator. */
  get client(): ClusterClient {
    this.#client ??= new ClusterClient(this.kubeconfig);
    return this.#client;
  }

  /** Ends it, and its data goes; nobody asks how it ends. */
  async stop(): Promise<void> {
    await this.#server?.end("SIGKILL");
    await this.#etcd?.end("SIGKILL");
    if (this.#dir !== null) await rm(this.#dir, { recursive: true, force: true });
  }

  /** SIGKILL; `restart` brings it back. */
  async kill(): Promise<void> {
    await this.#own().end("SIGKILL");
  }

  /** Brings it back on the same port and folder, after `kill` or instead of it. */
  async restart({ isEmpty = false, ...change }: RestartOptions = {}): Promise<void> {
    await this.kill();
    const hasOwnEtcd = this.#etcd !== null;
    if (isEmpty) {
      await this.#etcd?.end("SIGKILL");
      this.#etcd = null;
      for (const path of this.#commands?.data ?? [])
        await rm(path, { recursive: true, force: true });
    }
    this.#client = null;
    await this.#run(change, hasOwnEtcd);
  }

  /** Stops it from doing anything, without closing a connection; or lets it go on. */
  hold(isHeld: boolean): void {
    this.#own().hold(isHeld);
  }

  async killEtcd(): Promise<void> {
    if (this.#etcd === null) throw new Error("etcd has no process of its own");
    await this.#etcd.end("SIGKILL");
  }

  async restartEtcd(): Promise<void> {
    if (this.#commands === null) throw new Error("this server is not ours");
    await this.killEtcd();
    this.#etcd = await ServerProcess.start(this.#commands.etcd());
  }

  async #run(change: StartChange, hasOwnEtcd: boolean): Promise<void> {
    const commands = this.#commands;
    if (commands === null) throw new Error("this server is not ours");
    const both = hasOwnEtcd ? null : commands.both(change);
    if (both === null) this.#etcd ??= await ServerProcess.start(commands.etcd());
    this.#server = await ServerProcess.start(both ?? commands.apiServer(change));
  }

  #own(): ServerProcess {
    if (this.#server === null) throw new Error("this server is not ours to stop");
    return this.#server;
  }
}
