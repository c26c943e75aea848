import { createHmac } from "node:crypto";
import { writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnv } from "#server/config/child-env.ts";
import { ConfigError, parseConfig, type Config } from "#server/config/config.ts";
import { configWarnings } from "#server/config/derived.ts";
import { loadSecret } from "#server/config/secret.ts";
import { signInCommands } from "#server/config/sign-in-command.ts";
import { createLogger } from "#server/observability/logger.ts";
import { takeDataDir } from "#server/supervisor/data-dir.ts";
import { StartError } from "#server/supervisor/start-error.ts";
import { Supervisor } from "#server/supervisor/supervisor.ts";

export { StartError } from "#server/supervisor/start-error.ts";

export interface StartSupervisorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Pages are compiled when they are asked for. */
  readonly isDev?: boolean;
  /** Where the processes' log goes; a file descriptor, or our own standard output. */
  readonly stdout?: "inherit" | "ignore" | number;
  readonly stderr?: (text: string) => void;
  /** Lines for the person who started it: address, set-up link. */
  readonly onNotice: (text: string) => void;
}

export interface RunningSupervisor {
  readonly publicUrl: string;
  readonly runDir: string;
  /** Resolves when everything works; never when something cannot. */
  readonly ready: Promise<void>;
  /** Null when it was asked to stop, else one sentence that says why it did. */
  readonly stopped: Promise<string | null>;
  readonly pids: () => Readonly<Record<string, number>>;
  stop(): Promise<void>;
  kill(): void;
}

/**
 * Starts the web process and the relay processes and keeps them running.
 *
 * @throws StartError: the environment makes no sense, the data directory cannot be used, or another server uses it.
 */
export async function startSupervisor(options: StartSupervisorOptions): Promise<RunningSupervisor> {
  const config = readConfig(options.env);
  const dataDir = resolve(config.dataDir);
  const own = await takeDataDir(dataDir, resolve(config.lockFile));
  const { stdout } = options;
  const log = createLogger({
    ...config.log,
    name: "supervisor",
    // Our own lines go where the children's do.
    ...(typeof stdout === "number"
      ? { destination: { write: (line: string) => void writeSync(stdout, line) } }
      : {}),
  });
  for (const warning of configWarnings(config))
    log.warn({ warning }, "configuration needs attention");

  const secret = await secretOf(config).catch(async (error: unknown) => {
    await own.release();
    throw error;
  });
  const stopped = Promise.withResolvers<string | null>();
  const supervisor = new Supervisor({
    ...programs(config, options, { dataDir, runDir: own.runDir, secret }),
    log,
    stdout: options.stdout ?? "inherit",
    stderr: options.stderr ?? ((text) => process.stderr.write(text)),
    onNotice: options.onNotice,
    onStopped: (sentence) => {
      void own.release().then(() => stopped.resolve(sentence), stopped.reject);
    },
  });
  supervisor.start();
  return {
    publicUrl: config.http.publicUrl,
    runDir: own.runDir,
    ready: supervisor.ready,
    stopped: stopped.promise,
    pids: () => supervisor.pids,
    stop: async () => {
      await supervisor.stop();
      await stopped.promise;
    },
    kill: () => supervisor.kill(),
  };
}

function readConfig(env: StartSupervisorOptions["env"]): Config {
  try {
    return parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) throw new StartError(error.message, { cause: error });
    throw error;
  }
}

/** @throws StartError when the file holds no secret, or cannot be read or made. */
async function secretOf(config: Config): Promise<string> {
  try {
    return await loadSecret({ given: config.secret, file: resolve(config.secretFile) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The secret cannot be used: ${reason}.`, { cause });
  }
}

function programs(
  config: Config,
  options: StartSupervisorOptions,
  own: { readonly dataDir: string; readonly runDir: string; readonly secret: string },
) {
  const signIn = signInCommands(options.env);
  const drainSeconds = options.env["CULVERT_DRAIN_SECONDS"];
  // A relay needs to prove who it is to the web process, and nothing else of the secret.
  const channelSecret = createHmac("sha256", own.secret).update("relay-channel").digest("hex");
  const shared = {
    CULVERT_DATA_DIR: own.dataDir,
    CULVERT_RUN_DIR: own.runDir,
    CULVERT_CHANNEL_SECRET: channelSecret,
  };
  const count = config.relay.processes === "auto" ? availableParallelism() : config.relay.processes;
  const relayIds = Array.from({ length: count }, (_none, i) => `rl_${i + 1}`);
  return {
    web: {
      name: "web",
      program: fileURLToPath(new URL("./web/main.ts", import.meta.url)),
      args: options.isDev === true ? ["--dev"] : [],
      env: childEnv(options.env, "web", {
        ...shared,
        CULVERT_SECRET: own.secret,
        CULVERT_SIGN_IN_COMMAND: signIn.onPage,
        CULVERT_TERMINAL_SIGN_IN_COMMAND: signIn.onTerminal,
        NEXT_TELEMETRY_DISABLED: "1",
        NODE_ENV: options.isDev === true ? "development" : "production",
      }),
    },
    relays: relayIds.map((relayId) => ({
      name: relayId,
      program: fileURLToPath(new URL("./relay/main.ts", import.meta.url)),
      args: [],
      env: childEnv(options.env, "relay", {
        ...shared,
        CULVERT_RELAY_ID: relayId,
        CULVERT_RELAY_IDS: relayIds.join(","),
        ...(drainSeconds === undefined ? {} : { CULVERT_DRAIN_SECONDS: drainSeconds }),
      }),
    })),
  };
}
