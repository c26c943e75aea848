import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { parseAgentConfig, type AgentConfig } from "./config/config.ts";
import type { SettingName } from "./config/settings.ts";
import { createLog } from "./log.ts";
import { runAgent } from "./run.ts";
import { AGENT_VERSION } from "./version.ts";

/** Two SIGINTs within this time are one Ctrl-C. */
const ONE_KEY_PRESS_MS = 1_000;

const HELP = `Usage: culvert agent [options]

Connects this machine or cluster to a Culvert server and publishes what it discovers.

  --url URL                      address of the Culvert server (CULVERT_URL)
  --token TOKEN                  agent token (CULVERT_TOKEN; the variable keeps it out of the process list)
  --cluster-name NAME            a name for the logs (CULVERT_CLUSTER_NAME)
  --agent-id NAME                name of this agent, default the host name (CULVERT_AGENT_ID)
  --discovery SOURCE             kubernetes, file:<folder> of Gateway API manifests, or none (CULVERT_DISCOVERY)
  --kubeconfig FILE              cluster to look at, default the pod's service account (KUBECONFIG)
  --expose NAME=tcp://HOST:PORT  publish a service without any manifest; may be repeated.
                                 http:// for a web server, h2c:// for gRPC and others that speak HTTP/2 without TLS
  --config FILE                  YAML file; the environment beats it, and flags beat both
  --agent-port PORT              port of the agent's health pages, default 8081, 0 = off (CULVERT_AGENT_PORT)
  --log-level LEVEL              debug, info, warn, error or silent (CULVERT_LOG_LEVEL)
  --log-format FORMAT            text or json (CULVERT_LOG_FORMAT)
  --version                      print the version
  --help                         print this

Example: CULVERT_TOKEN=cvt_… culvert agent --url http://localhost:3000 --expose db=tcp://127.0.0.1:5432
`;

const FLAGS = {
  url: "url",
  token: "token",
  "cluster-name": "clusterName",
  "agent-id": "agentId",
  discovery: "discovery",
  kubeconfig: "kubeconfig",
  "agent-port": "agentPort",
  "log-level": "logLevel",
  "log-format": "logFormat",
} as const satisfies Record<string, SettingName>;

type Env = Readonly<Record<string, string | undefined>>;

/** `culvert agent …` and the bundle's only command. @returns the exit code. */
export async function agentCommand(argv: readonly string[], env: Env): Promise<number> {
  const parsed = parseFlags(argv);
  if (typeof parsed === "string") return fail([parsed]);
  if (parsed.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (parsed.version === true) {
    process.stdout.write(`culvert-agent ${AGENT_VERSION}\n`);
    return 0;
  }
  const file = await readFileText(parsed.config);
  if ("problem" in file) return fail([file.problem]);
  const flags: Partial<Record<SettingName, string>> = {};
  for (const [flag, name] of Object.entries(FLAGS)) {
    const value = parsed[flag as keyof typeof FLAGS];
    if (value !== undefined) flags[name] = value;
  }
  const result = parseAgentConfig({
    env,
    fileText: file.text,
    flags,
    exposes: parsed.expose ?? [],
    hostname: hostname(),
    isTerminal: process.stderr.isTTY,
  });
  if (!result.ok) return fail(result.problems);
  return runUntilSignal(result.config);
}

function parseFlags(argv: readonly string[]): ReturnType<typeof parseValues> | string {
  try {
    return parseValues(argv);
  } catch (error) {
    return error instanceof Error ? error.message : "The arguments are wrong.";
  }
}

function parseValues(argv: readonly string[]) {
  const text = { type: "string" } as const;
  return parseArgs({
    args: [...argv],
    options: {
      config: text,
      url: text,
      token: text,
      "cluster-name": text,
      "agent-id": text,
      discovery: text,
      kubeconfig: text,
      "agent-port": text,
      "log-level": text,
      "log-format": text,
      expose: { type: "string", multiple: true },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  }).values;
}

async function readFileText(
  path: string | undefined,
): Promise<{ readonly text: string | null } | { readonly problem: string }> {
  if (path === undefined) return { text: null };
  try {
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { problem: `The configuration file ${path} cannot be read (${code}).` };
  }
}

function fail(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`culvert agent: ${problem}\n`);
  process.stderr.write("Try culvert agent --help.\n");
  return 1;
}

/** The first signal drains, the second stops at once. */
async function runUntilSignal(config: AgentConfig): Promise<number> {
  const drain = new AbortController();
  const kill = new AbortController();
  let interruptedAt = Number.NEGATIVE_INFINITY;
  const onSignal = (signal?: NodeJS.Signals): void => {
    // One Ctrl-C under npm comes twice: from the terminal, and passed on by npm.
    if (signal === "SIGINT" && performance.now() - interruptedAt < ONE_KEY_PRESS_MS) return;
    interruptedAt = performance.now();
    if (drain.signal.aborted) kill.abort();
    else drain.abort();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  // Started with a channel by a program of ours: its death is the signal.
  const onDisconnect = (): void => onSignal();
  process.on("disconnect", onDisconnect);
  try {
    return await runAgent({
      config,
      log: createLog({
        ...config.log,
        write: (line) => process.stderr.write(line),
        now: () => new Date(),
      }),
      drain: drain.signal,
      kill: kill.signal,
      memoryBytes: () => process.memoryUsage.rss(),
    });
  } finally {
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
    process.off("disconnect", onDisconnect);
  }
}
