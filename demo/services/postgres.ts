import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPostgresAccount, type Account } from "./postgres-account.ts";
import { findPrograms, prepareDataFolder } from "./postgres-folders.ts";

export interface PostgresOptions {
  /** Data folder; initialised when it is empty. */
  readonly folder: string;
  readonly port: number;
  /** The superuser that a new data folder gets. */
  readonly user: string;
  readonly password: string;
  readonly onLog?: (text: string) => void;
}

export interface RunningPostgres {
  readonly port: number;
  /** Where the data really is. */
  readonly folder: string;
  /** True when the data folder was initialised just now: nothing is in it. */
  readonly isNew: boolean;
  /** Stops it in order and resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/**
 * Runs PostgreSQL beside a pipe from us and stops it (SIGINT: fast shutdown) when the pipe ends, also when we are
 * killed outright. It gets no terminal: Ctrl-C there is ours to act on.
 */
const KEEPER = `
exec 3<&0
"$@" 3<&- </dev/null &
pid=$!
{ read -r _ <&3; kill -INT $pid 2>/dev/null; } &
reader=$!
wait $pid
code=$?
kill $reader 2>/dev/null
exit $code
`;

/** Starts a real PostgreSQL on 127.0.0.1. @throws with the last lines of its log when it does not start. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const account = await findPostgresAccount();
  const folder = await prepareDataFolder(options.folder, account);
  const programs = await findPrograms(account, folder);
  const log = collectLog(options.onLog);
  const isNew = (await stat(join(folder, "PG_VERSION")).catch(() => null)) === null;
  if (isNew) await initialise({ program: programs.initdb, folder, account, log }, options);
  else await stopLeftOver(folder);
  const child = spawn(
    "/bin/sh",
    ["-c", KEEPER, "sh", programs.postgres, ...serverArguments(folder, options.port)],
    {
      ...account,
      env: environment(),
      cwd: folder,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  child.stdin.on("error", () => {
    // The keeper is gone already.
  });
  await waitUntilReady(child, log);
  let stopping: Promise<void> | null = null;
  return {
    port: options.port,
    folder,
    isNew,
    stop: () => (stopping ??= stopKeeper(child, folder)),
  };
}

function serverArguments(folder: string, port: number): readonly string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_buffers: "16MB",
    max_connections: "60",
    max_wal_size: "128MB",
    cluster_name: "culvert-demo",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", folder, "-p", String(port), ...flags];
}

/** Nothing of ours: what is not given cannot be read by anyone who gets into it. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", NODE_ENV: process.env["NODE_ENV"] };
}

interface Log {
  add(text: string): void;
  readonly tail: string;
  onText: (text: string) => void;
}

function collectLog(onLog: ((text: string) => void) | undefined): Log {
  return {
    tail: "",
    onText: () => undefined,
    add(text) {
      // A few lines are enough to say why it did not start.
      Object.assign(this, { tail: `${this.tail}${text}`.slice(-2_000) });
      onLog?.(text);
      this.onText(this.tail);
    },
  };
}

interface Initialising {
  readonly program: string;
  readonly folder: string;
  readonly account: Account | null;
  readonly log: Log;
}

async function initialise(
  { program, folder, account, log }: Initialising,
  options: PostgresOptions,
): Promise<void> {
  const secret = await mkdtemp(join(tmpdir(), "culvert-demo-"));
  try {
    const passwordFile = join(secret, "password");
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    await chmod(secret, 0o700);
    if (account !== null) {
      await chown(passwordFile, account.uid, account.gid);
      await chown(secret, account.uid, account.gid);
    }
    const child = spawn(
      program,
      [
        `--pgdata=${folder}`,
        `--username=${options.user}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
      ],
      { ...account, env: environment(), cwd: "/", stdio: ["ignore", "pipe", "pipe"] },
    );
    child.stdout.on("data", (text: Buffer) => log.add(text.toString()));
    child.stderr.on("data", (text: Buffer) => log.add(text.toString()));
    const code = await exitOf(child);
    if (code !== 0) throw new Error(`PostgreSQL could not be set up: ${log.tail.trim()}`);
  } finally {
    await rm(secret, { recursive: true, force: true });
  }
}

function waitUntilReady(child: ChildProcess, log: Log): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const timer = setTimeout(() => fail("it took too long"), START_TIMEOUT_MS);
  const fail = (why: string): void => {
    clearTimeout(timer);
    child.stdin?.end();
    ready.reject(new Error(`PostgreSQL did not start: ${why}. ${log.tail.trim()}`));
  };
  log.onText = (tail) => {
    if (!tail.includes("database system is ready to accept connections")) return;
    clearTimeout(timer);
    log.onText = () => undefined;
    ready.resolve();
  };
  child.once("error", (error) => fail(error.message));
  child.once("exit", (code) => fail(`it ended with code ${code ?? "none"}`));
  child.stdout?.on("data", (text: Buffer) => log.add(text.toString()));
  child.stderr?.on("data", (text: Buffer) => log.add(text.toString()));
  return ready.promise;
}

async function stopKeeper(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = exitOf(child);
  child.stdin?.end();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), STOP_TIMEOUT_MS);
  });
  if ((await Promise.race([gone, late])) === "late") {
    const pid = await findServer(folder);
    if (pid !== null) signal(pid, "SIGKILL");
    await gone;
  }
  clearTimeout(timer);
}

/** A server of ours that outlived its demo, for example because the machine's shell was killed too. */
async function stopLeftOver(folder: string): Promise<void> {
  const pid = await findServer(folder);
  if (pid === null) return;
  signal(pid, "SIGINT");
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if ((await findServer(folder)) === null) return;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  throw new Error(`Another PostgreSQL (process ${pid}) uses ${folder} and does not stop.`);
}

/** The process that serves a data folder, if one does: named by its lock file, and at work in that folder. */
async function findServer(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  if (!(pid > 1) || !signal(pid, 0)) return null;
  const at = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  // Where there is no /proc the lock file has to do; PostgreSQL removes it when it ends.
  if (at === null) return process.platform === "linux" ? null : pid;
  return at === (await realpath(folder)) ? pid : null;
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => resolve(code));
    child.once("error", reject);
  });
}

/** A password for a superuser that nobody needs to know. */
export function randomPassword(): string {
  return randomBytes(18).toString("base64url");
}
