import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RelayId } from "#protocol/api/ids.ts";
import { ConfigError, parseConfig, type Config } from "#server/config/config.ts";
import { AgentHub } from "#server/hub/agent-hub.ts";
import { HUB_DEFAULTS } from "#server/hub/hub-settings.ts";
import { systemClock } from "#server/lib/clock.ts";
import { createLogger } from "#server/observability/logger.ts";
import { FRONT_DOOR_TIMEOUTS } from "./front-door/front-door.ts";
import { createDnsLookUp } from "./direct/name-book.ts";
import { createSharedPorts, EXCLUSIVE_PORTS } from "./listeners/port-claims.ts";
import { RelayProcess } from "./relay-process.ts";

/** No restart would help: the supervisor stops everything and repeats the last line of standard error. */
const FATAL_EXIT_CODE = 78;
const DRAIN_SECONDS_DEFAULT = 20;

async function main(): Promise<void> {
  const config = readConfig();
  const own = readOwn(process.env);
  const log = createLogger({ ...config.log, name: "relay" }).child({ relayId: own.relayId });
  const relay = createRelay(config, own, log);
  let port: number;
  try {
    port = await relay.start();
  } catch (error) {
    fail(describeBindFailure(error, config.http));
  }
  log.info({ port }, "relay ready");

  let isStopping = false;
  const stop = (): void => {
    // The second request is somebody's impatience.
    if (isStopping) process.exit(1);
    isStopping = true;
    relay.stop(own.drainSeconds * 1_000).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "relay did not stop in order");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The supervisor is gone: nobody would restart us, so we end in order, too.
  process.on("disconnect", stop);
  // It may have gone while we were starting.
  if (process.send !== undefined && !process.connected) stop();
  process.send?.({ type: "ready", port });
}

interface Own {
  readonly relayId: RelayId;
  readonly relayIds: readonly RelayId[];
  readonly runDir: string;
  readonly channelSecret: string;
  readonly drainSeconds: number;
}

function createRelay(config: Config, own: Own, log: ReturnType<typeof createLogger>): RelayProcess {
  const { relayId, relayIds, runDir } = own;
  const version = readVersion();
  return new RelayProcess({
    relayId,
    version,
    pid: process.pid,
    frontDoor: {
      host: config.http.host,
      port: config.http.port,
      trustedProxies: config.http.trustedProxies,
      timeouts: FRONT_DOOR_TIMEOUTS,
    },
    bind: config.relay.bind,
    edge: {
      port: config.edge.port,
      reserved: { publicHost: config.http.publicHost.toLowerCase(), domain: config.edge.domain },
    },
    claims:
      relayIds.length > 1
        ? createSharedPorts({ folder: join(runDir, "ports"), pid: process.pid, isAlive })
        : EXCLUSIVE_PORTS,
    direct: {
      directCidrs: config.relay.directCidrs,
      ownHosts: [...new Set([config.relay.host, config.http.publicHost])],
      isOwnPort: (at) => isOwnPort(config, at),
      lookUp: createDnsLookUp(),
    },
    sockets: { web: join(runDir, "web.sock"), control: join(runDir, "control.sock") },
    channelSecret: own.channelSecret,
    clock: systemClock,
    random: Math.random,
    log,
    memoryBytes: () => process.memoryUsage.rss(),
    createHub: ({ isWebReachable }) =>
      new AgentHub({
        settings: {
          ...HUB_DEFAULTS,
          relayId,
          relayIds,
          serverVersion: version,
          publicOrigin: new URL(config.http.publicUrl).origin,
        },
        clock: systemClock,
        log,
        isWebReachable,
      }),
  });
}

/** Any relay port may be opened by us or a sibling at any time. */
function isOwnPort(config: Config, port: number): boolean {
  const { http, edge, relay } = config;
  const { port: publicPort, protocol } = new URL(http.publicUrl);
  const fixed = [http.port, edge.port, Number(publicPort) || (protocol === "https:" ? 443 : 80)];
  return fixed.includes(port) || (port >= relay.ports.from && port <= relay.ports.to);
}

function readConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message);
    throw error;
  }
}

/** What the supervisor says to this process alone. */
function readOwn(env: NodeJS.ProcessEnv): Own {
  const { CULVERT_RUN_DIR: runDir, CULVERT_CHANNEL_SECRET: channelSecret } = env;
  const relayId = RelayId.safeParse(env["CULVERT_RELAY_ID"] ?? "rl_1");
  const relayIds = RelayId.array().safeParse(
    (env["CULVERT_RELAY_IDS"] ?? env["CULVERT_RELAY_ID"] ?? "rl_1").split(","),
  );
  const drainSeconds = Number(env["CULVERT_DRAIN_SECONDS"] ?? DRAIN_SECONDS_DEFAULT);
  if (
    runDir === undefined ||
    channelSecret === undefined ||
    !relayId.success ||
    !relayIds.success
  ) {
    fail("A relay process is started by `culvert server`, which tells it what it needs.");
  }
  return { relayId: relayId.data, relayIds: relayIds.data, runDir, channelSecret, drainSeconds };
}

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version?: unknown };
  return typeof version === "string" ? version : "unknown";
}

function describeBindFailure(error: unknown, http: Config["http"]): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : error;
  const where = `${http.host}:${http.port}`;
  if (code === "EADDRINUSE") {
    return `Port ${http.port} is in use by another program. Stop it, or set CULVERT_PORT to a free port.`;
  }
  if (code === "EACCES") {
    return `Culvert may not bind ${where}: ports below 1024 need a privilege. Set CULVERT_PORT.`;
  }
  return `Culvert cannot bind ${where} (${String(code)}). Check CULVERT_HOST and CULVERT_PORT.`;
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(FATAL_EXIT_CODE);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process, or none of ours: either way no sibling.
    return false;
  }
}

await main();
