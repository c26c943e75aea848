import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { eventually } from "../../harness/process.ts";

/** Whether a program of this machine can be started at all. */
export function hasProgram(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v "$0"`, command], { stdio: "ignore" }).status === 0;
}

export interface ExternalServer {
  readonly child: ChildProcess;
  /** Everything it printed, the newest 4,000 characters. */
  log(): string;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
}

export interface ExternalOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Our own by default. */
  readonly cwd?: string;
  /** Beside our own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Answers once the server does. */
  readonly isReady: () => Promise<boolean>;
}

/** Starts somebody else's server in the foreground and waits until it answers. */
export async function startExternal(options: ExternalOptions): Promise<ExternalServer> {
  const { command, args, cwd, env = {}, isReady } = options;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const hear = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4_000);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = once(child, "exit");
  const onOurExit = (): void => void child.kill("SIGKILL");
  process.once("exit", onOurExit);
  await eventually(`${command} answers`, async () => {
    if (child.exitCode !== null) throw new Error(`${command} ended:\n${text}`);
    return (await isReady()) ? true : undefined;
  });
  return {
    child,
    log: () => text,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await ended;
      process.off("exit", onOurExit);
    },
  };
}

export interface ToolResult {
  readonly code: number | null;
  readonly out: Buffer;
  readonly err: string;
}

/** Runs a client program to its end. @param input goes to its standard input, with back-pressure. */
export async function runTool(
  command: string,
  args: readonly string[],
  input: Readable | string = "",
): Promise<ToolResult> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  // A program may end before it has read all of its input; its exit code tells.
  child.stdin.on("error", () => undefined);
  if (typeof input === "string") child.stdin.end(input);
  else input.pipe(child.stdin);
  const [out, err, [code]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, out, err: err.toString() };
}
