import { mkdtemp, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram, startProgram, type RunningProgram } from "../../harness/process.ts";

/** The agent as one file, which is what runs in clusters; bundled once a process. */
let bundled: Promise<string> | undefined;

async function bundleAgent(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-agent-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "culvert-agent.mjs");
  try {
    await runProgram({ args: ["scripts/build-agent.ts", file] });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return file;
}

export interface KubernetesAgentOptions {
  /** Of the Culvert server or of a TestHub. */
  readonly url: string;
  /** By default what a TestHub accepts. */
  readonly token?: string;
  readonly kubeconfig: string;
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real agent that discovers in Kubernetes, as a process of its own. */
export async function startKubernetesAgent(
  options: KubernetesAgentOptions,
): Promise<RunningProgram> {
  bundled ??= bundleAgent();
  return startProgram({
    args: [await bundled],
    env: {
      CULVERT_URL: options.url,
      CULVERT_TOKEN: options.token ?? "cvt_test",
      CULVERT_AGENT_ID: options.name ?? "kube-agent",
      CULVERT_AGENT_PORT: "0",
      CULVERT_DISCOVERY: "kubernetes",
      CULVERT_LOG_FORMAT: "json",
      KUBECONFIG: options.kubeconfig,
      ...options.env,
    },
  });
}

export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** What an agent with `CULVERT_LOG_FORMAT=json` has logged so far. */
export function readLog(agent: RunningProgram): readonly LogLine[] {
  return agent
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}
