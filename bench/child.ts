import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program of the bench that runs, and what it said when it was ready. */
export interface RunningChild {
  readonly pid: number;
  readonly ready: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 10_000;

/** Said by a program of the bench once it can be used: one line of JSON. */
export function announceReady(facts: Readonly<Record<string, number>>): void {
  console.log(JSON.stringify(facts));
}

export interface StartOptions {
  readonly script: string;
  readonly args?: readonly string[];
}

/** Starts a program of the bench and waits until it is ready. */
export async function startChild(options: StartOptions): Promise<RunningChild> {
  const child = spawn(process.execPath, [options.script, ...(options.args ?? [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await firstLine(child, options.script);
  const ready = JSON.parse(line) as Record<string, number>;
  return { pid: child.pid ?? 0, ready, stop: () => stopChild(child) };
}

/** Runs a program of the bench to its end. @returns the JSON value that it printed. */
export async function runChild<T>(options: StartOptions): Promise<T> {
  const child = spawn(process.execPath, [options.script, ...(options.args ?? [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await firstLine(child, options.script)) as T;
}

/** Asks a process to end, and makes it end when it does not. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

function firstLine(child: ChildProcess, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) {
      reject(new Error(`${script} has no output`));
      return;
    }
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`${script} ended with ${code ?? "a signal"}`)));
  });
}
