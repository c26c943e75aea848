import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface DemoAgentOptions {
  readonly url: string;
  readonly token: string;
  readonly manifestsDir: string;
  /** Where its log goes: a file descriptor. */
  readonly log: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const RESTART_MS = 1_000;
/** How long its connections may take to end. */
const GRACE_MS = 2_000;
const KILL_MS = 5_000;
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "NODE_EXTRA_CA_CERTS"] as const;

/** The demo's agent, a process of its own, started again when it dies. */
export class DemoAgent {
  readonly #options: DemoAgentOptions;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | null = null;

  constructor(options: DemoAgentOptions) {
    this.#options = options;
  }

  start(): void {
    const { url, token, manifestsDir, log, env } = this.#options;
    const given: Record<string, string> = {};
    for (const name of PASSED_ON) {
      const value = env[name];
      if (value !== undefined) given[name] = value;
    }
    const program = fileURLToPath(new URL("../bin/culvert.ts", import.meta.url));
    const child = fork(program, ["agent"], {
      env: {
        ...given,
        NODE_ENV: "production",
        CULVERT_URL: url,
        CULVERT_TOKEN: token,
        CULVERT_AGENT_ID: "demo-agent",
        CULVERT_CLUSTER_NAME: "demo",
        CULVERT_DISCOVERY: `file:${manifestsDir}`,
        CULVERT_AGENT_PORT: "0",
        CULVERT_LOG_FORMAT: "text",
      },
      stdio: ["ignore", log, log, "ipc"],
      // Ctrl-C in the terminal is ours to pass on. When we die, the channel ends and so does the agent.
      detached: true,
    });
    child.once("error", () => this.#onExit(child));
    child.once("exit", () => this.#onExit(child));
    this.#child = child;
  }

  /** Drains for a moment, then ends. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timers = [
      setTimeout(() => child.kill("SIGTERM"), GRACE_MS),
      setTimeout(() => child.kill("SIGKILL"), KILL_MS),
    ];
    await gone;
    for (const timer of timers) clearTimeout(timer);
  }

  #onExit(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#stopping === null) this.#timer = setTimeout(() => this.start(), RESTART_MS);
  }
}
