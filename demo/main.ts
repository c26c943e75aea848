import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { parseConfig, ConfigError } from "#server/config/config.ts";
import { startSupervisor, StartError, type RunningSupervisor } from "#server/main.ts";
import { createSignInLink, ensureCredentials } from "./credentials.ts";
import { DemoAgent } from "./demo-agent.ts";
import { DemoApi } from "./demo-api.ts";
import { findDemoState, removeDemoState, writeDemoState } from "./demo-state.ts";
import { Progress } from "./progress.ts";
import { startDemoServices, type DemoServices } from "./start-demo.ts";

const HELP = `Usage: culvert demo

Runs the control plane, an agent and demo services (a real PostgreSQL, a TCP echo, a web page), with data below
CULVERT_DATA_DIR (default ./data). Ctrl-C stops all of it. \`npm start\` prepares what is needed and runs this.
  --dev   compile pages when they are asked for, instead of using what was built

The variables of \`culvert server\` hold here too; see .env.example.
`;

const READY_TIMEOUT_MS = 60_000;
const TUNNELS = 3;
const TUNNELS_TIMEOUT_MS = 30_000;

type Env = Readonly<Record<string, string | undefined>>;

/** Something went wrong that one sentence explains. */
class DemoError extends Error {
  override readonly name = "DemoError";
}

/** `culvert demo`: runs until it is told to stop. @returns the exit code. */
export async function demoCommand(argv: readonly string[], env: Env): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") return fail(options);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const demo = new Demo(env, options.dev);
  demo.listenForSignals();
  try {
    await demo.start();
    await demo.untilStopped();
    return 0;
  } catch (error) {
    return fail(describe(error, demo));
  } finally {
    await demo.stop();
  }
}

function readOptions(argv: readonly string[]): { help: boolean; dev: boolean } | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        help: { type: "boolean", short: "h", default: false },
        dev: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    return error instanceof Error ? error.message : "The arguments are wrong.";
  }
}

function fail(sentence: string): number {
  process.stderr.write(`\n${sentence}\n`);
  return 1;
}

function describe(error: unknown, demo: Demo): string {
  if (error instanceof DemoError || error instanceof StartError || error instanceof ConfigError) {
    return error.message;
  }
  const text = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
  return `The demo could not start: ${text} (More in ${demo.logFolder}.)`;
}

/** Two SIGINTs within this time are one Ctrl-C. */
const ONE_KEY_PRESS_MS = 1_000;

/** Everything that `npm start` runs, from the first step to the last process gone. */
class Demo {
  readonly #env: Env;
  readonly #isDev: boolean;
  readonly #dataDir: string;
  readonly #folder: string;
  readonly #progress = new Progress((text) => process.stdout.write(text));
  readonly #stopped = Promise.withResolvers<void>();
  /** Aborted when it stops: what is still waiting gives up. */
  readonly #over = new AbortController();
  readonly #logs: number[] = [];
  #supervisor: RunningSupervisor | null = null;
  #services: Promise<DemoServices> | null = null;
  #agent: DemoAgent | null = null;
  #signals = 0;
  #stopping: Promise<void> | null = null;

  constructor(env: Env, isDev: boolean) {
    this.#isDev = isDev;
    this.#dataDir = resolve(env["CULVERT_DATA_DIR"] ?? "./data");
    this.#folder = join(this.#dataDir, "demo");
    // PostgreSQL with a password that everybody knows is for this machine alone, unless somebody asks for more.
    const isLocal =
      env["CULVERT_PUBLIC_URL"] === undefined && env["CULVERT_RELAY_HOST"] === undefined;
    this.#env = isLocal ? { CULVERT_RELAY_BIND: "127.0.0.1", ...env } : env;
    // A failure is reported by whoever waits for it; nobody may be waiting yet.
    this.#stopped.promise.catch(() => undefined);
  }

  get logFolder(): string {
    return relative(process.cwd(), this.#folder) || this.#folder;
  }

  listenForSignals(): void {
    let lastAt = Number.NEGATIVE_INFINITY;
    const onSignal = (signal: NodeJS.Signals): void => {
      // One Ctrl-C under npm comes twice: from the terminal, and passed on by npm.
      if (signal === "SIGINT" && performance.now() - lastAt < ONE_KEY_PRESS_MS) return;
      lastAt = performance.now();
      this.#signals += 1;
      if (this.#signals === 1) {
        this.#progress.say("\n  Stopping … (Ctrl-C again stops at once)");
        this.#stopped.resolve();
        void this.stop();
        return;
      }
      this.#agent?.kill();
      this.#supervisor?.kill();
      process.exit(1);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    process.on("SIGHUP", onSignal);
  }

  async start(): Promise<void> {
    const running = await findDemoState(this.#dataDir);
    if (running !== null) {
      throw new DemoError(`A demo runs here already (process ${running.pid}): ${running.url}`);
    }
    const config = parseConfig(this.#env);
    await this.#makeFolder();
    this.#progress.say(`\n  Culvert demo\n`);
    const supervisor = await this.#startServer();
    const servicesLog = this.#openLog("services");
    this.#services = startDemoServices({
      dataDir: this.#dataDir,
      onStep: () => undefined,
      onLog: (text) => writeSync(servicesLog, text),
    });
    // Waited for below; until then a failure must not count as unhandled.
    this.#services.catch(() => undefined);
    const services = await this.#step("PostgreSQL, echo and web page are up", this.#services);
    await this.#step(
      "Control plane is up",
      withTimeout(supervisor.ready, this.logFolder, this.#over.signal),
    );
    const local = `http://${localHost(config.http.host)}:${config.http.port}`;
    await this.#connect({ supervisor, services, local });
  }

  /** Resolves when it was asked to stop. @throws when the server stops by itself. */
  async untilStopped(): Promise<void> {
    await this.#stopped.promise;
  }

  /** Stops everything, in order, and resolves when nothing is left. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    this.#over.abort();
    await removeDemoState(this.#dataDir).catch(() => undefined);
    await Promise.all([this.#agent?.stop(), this.#supervisor?.stop()]);
    const services = await this.#services?.catch(() => null);
    await services?.stop();
    for (const log of this.#logs) closeSync(log);
    if (this.#signals > 0) this.#progress.say("  Stopped.");
  }

  async #makeFolder(): Promise<void> {
    try {
      // As the server makes it: its database and secrets are below.
      await mkdir(this.#dataDir, { recursive: true, mode: 0o700 });
      await mkdir(this.#folder, { recursive: true });
    } catch (cause) {
      throw new DemoError(
        `The data directory ${this.#dataDir} cannot be written. Set CULVERT_DATA_DIR.`,
        { cause },
      );
    }
  }

  #openLog(name: string): number {
    const log = openSync(join(this.#folder, `${name}.log`), "a", 0o600);
    this.#logs.push(log);
    return log;
  }

  async #startServer(): Promise<RunningSupervisor> {
    const log = this.#openLog("server");
    const supervisor = await startSupervisor({
      env: this.#env,
      isDev: this.#isDev,
      stdout: log,
      stderr: (text) => void writeSync(log, text),
      // The set-up link is for servers without people; the demo makes a person of its own.
      onNotice: () => undefined,
    });
    this.#supervisor = supervisor;
    void supervisor.stopped.then((sentence) => {
      if (sentence === null) this.#stopped.resolve();
      else this.#stopped.reject(new DemoError(sentence));
    });
    return supervisor;
  }

  /** Waits for one step, unless everything stops first. */
  async #step<T>(done: string, work: Promise<T>): Promise<T> {
    const end = this.#progress.begin();
    const given = await Promise.race([work, this.#stopped.promise.then(() => STOPPED)]);
    if (given === STOPPED) throw new DemoError("Stopped before the demo was ready.");
    end(done);
    // Everything else that the race can give is the work's own result.
    return given as T;
  }

  async #connect({ supervisor, services, local }: Connecting): Promise<void> {
    const controlSocket = join(supervisor.runDir, "control.sock");
    const credentials = await ensureCredentials({
      folder: this.#folder,
      controlSocket,
      api: (apiKey) => new DemoApi(local, apiKey),
    });
    const { apiKey, clusterId, token } = credentials;
    this.#agent = new DemoAgent({
      url: local,
      token,
      manifestsDir: services.manifestsDir,
      log: this.#openLog("agent"),
      env: this.#env,
    });
    this.#agent.start();
    const api = new DemoApi(local, apiKey);
    const waiting = api.waitForTunnels(clusterId, TUNNELS, {
      timeoutMs: TUNNELS_TIMEOUT_MS,
      signal: this.#over.signal,
    });
    const tunnels = await this.#step("Agent is connected, its tunnels are open", waiting);
    const shop = findShop(tunnels);
    const site = tunnels.find(({ http }) => http !== null)?.http?.siteUrl;
    if (site === undefined) throw new DemoError("The web page has no tunnel.");
    const address = { ...shop, ...services.postgres };
    await this.#step("PostgreSQL answers through the tunnel", checkShop(address));
    const signInLink = await createSignInLink(controlSocket);
    await writeDemoState(this.#dataDir, {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      url: supervisor.publicUrl,
      apiKey,
      clusterId,
      postgres: address,
    });
    this.#progress.say(
      ready({ url: supervisor.publicUrl, signInLink, site, address, logs: this.logFolder }),
    );
  }
}

const STOPPED = Symbol("stopped");

interface Connecting {
  readonly supervisor: RunningSupervisor;
  readonly services: DemoServices;
  /** The front door as this machine reaches it. */
  readonly local: string;
}

interface ShopAddress {
  readonly tunnelId: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

function findShop(tunnels: readonly TunnelDto[]): { tunnelId: string; host: string; port: number } {
  const tunnel = tunnels.find(({ gateway }) => gateway.namespace === "shop");
  const endpoint = tunnel?.endpoints.find(({ kind }) => kind === "relay");
  if (tunnel === undefined || endpoint === undefined)
    throw new DemoError("The shop has no tunnel.");
  const at = endpoint.address.lastIndexOf(":");
  return {
    tunnelId: tunnel.id,
    host: endpoint.address.slice(0, at).replace(/^\[(.*)\]$/, "$1"),
    port: Number(endpoint.address.slice(at + 1)),
  };
}

/** What is printed must work. */
async function checkShop({ host, port, user, password, database }: ShopAddress): Promise<void> {
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => {
    // The query under way fails with it.
  });
  await client.connect();
  await client.query("select 1");
  await client.end();
}

function ready(facts: {
  readonly url: string;
  readonly signInLink: string;
  readonly site: string;
  readonly address: ShopAddress;
  readonly logs: string;
}): string {
  const { host, port, user, password, database } = facts.address;
  return `
  Dashboard         ${facts.url}
  Sign in (once)    ${facts.signInLink}

  Open the web page ${facts.site}
  Reach PostgreSQL  psql "postgresql://${user}:${password}@${host}:${port}/${database}"
  Without psql      npm run try

  Ctrl-C stops everything. Logs are in ${facts.logs}/.
`;
}

function localHost(bound: string): string {
  if (bound === "0.0.0.0") return "127.0.0.1";
  if (bound === "::") return "[::1]";
  return bound.includes(":") ? `[${bound}]` : bound;
}

/** @param over ends the waiting without a word: nobody listens any more. */
async function withTimeout(work: Promise<void>, logs: string, over: AbortSignal): Promise<void> {
  const late = Promise.withResolvers<never>();
  const seconds = READY_TIMEOUT_MS / 1_000;
  const sentence = `The server was not ready within ${seconds} s. Its log is in ${logs}.`;
  const timer = setTimeout(() => late.reject(new DemoError(sentence)), READY_TIMEOUT_MS);
  over.addEventListener("abort", () => clearTimeout(timer), { once: true });
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
