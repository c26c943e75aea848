import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

export const PROJECT = new URL("../..", import.meta.url).pathname;

export interface RunningProgram {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything it printed so far, both streams. */
  output(): string;
  /** Resolves with the first match of `pattern` in the output; fails when the program ends or the deadline passes. */
  waitForOutput(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  /** Node unless another is named. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For standard input. */
  readonly input?: string;
  /** Leaves standard input open for what `child.stdin` is told later. */
  readonly isInputLeftOpen?: boolean;
}

/** Nothing of our own environment but what a program needs. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "/tmp" } = process.env;
  return { NODE_ENV: "production", PATH, HOME, ...extra };
}

/** Starts a program from the project's folder. */
export function startProgram(options: ProgramOptions): RunningProgram {
  const child = spawn(options.program ?? process.execPath, options.args, {
    cwd: PROJECT,
    env: environment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let text = "";
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    text += chunk.toString();
    for (const listener of [...listeners]) listener();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  child.stdin.on("error", () => {}); // A program that does not read its input is fine.
  child.stdin.write(options.input ?? "");
  if (options.isInputLeftOpen !== true) child.stdin.end();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // A journey that failed half-way leaves its programs to us.
  const onOurExit = () => child.kill("SIGKILL");
  process.once("exit", onOurExit);
  void ended.then(() => process.off("exit", onOurExit));

  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    child,
    output: () => text,
    waitForOutput: (pattern, deadlineMs = 60_000) =>
      new Promise((resolve, reject) => {
        const finish = (act: () => void) => {
          listeners.delete(look);
          clearTimeout(timer);
          child.off("exit", onExit);
          act();
        };
        const fail = (why: string) =>
          finish(() =>
            reject(new Error(`${why} before ${String(pattern)}:\n${text.slice(-4_000)}`)),
          );
        const timer = setTimeout(() => fail("deadline"), deadlineMs);
        const onExit = () => fail("program ended");
        const look = () => {
          const match = pattern.exec(text);
          if (match !== null) finish(() => resolve(match));
        };
        listeners.add(look);
        child.once("exit", onExit);
        look();
      }),
    stop: () => kill("SIGTERM"),
    kill,
  };
}

/** Runs a program to its end and returns what it printed on standard output; fails on another exit code than 0. */
export async function runProgram(options: ProgramOptions): Promise<string> {
  const child = spawn(options.program ?? process.execPath, options.args, {
    cwd: PROJECT,
    env: environment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`exit ${code}: ${options.args.join(" ")}\n${out}${err}`);
  return out.trim();
}

/** A port below the ephemeral range on which nothing listens now. */
export async function findFreePort(from = 20_000, to = 31_000): Promise<number> {
  for (;;) {
    const port = from + Math.floor(Math.random() * (to - from));
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "0.0.0.0", () => resolve(true));
    });
    if (free) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
  }
}

/** Process ids of the direct children whose command line contains `fragment` (Linux). */
export function findChildren(pid: number, fragment: string): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((id) => id !== "")
    .map(Number)
    .filter((id) => readFileSync(`/proc/${id}/cmdline`, "utf8").includes(fragment));
}

/** Asks until `probe` answers something, or fails when the deadline passes. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  deadlineMs = 30_000,
): Promise<T> {
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > endsAt) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
