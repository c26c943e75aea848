import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../../scripts/cache-folder.ts";
import { findFreePort } from "../../harness/process.ts";
import { startExternal } from "./external.ts";
import { isListening } from "./is-listening.ts";
import { MARIADB_LOGIN } from "./mariadb.ts";

/** Pins Uptime Kuma and everything it is made of. */
const PINNED = join(import.meta.dirname, "..", "uptime-kuma");
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const PROGRAM = join("node_modules", "uptime-kuma");
/** Nobody listens there: it asks the internet for newer versions of itself otherwise. */
const NO_PROXY_AT_ALL = "http://127.0.0.1:9";
const run = promisify(execFile);

/**
 * Installs Uptime Kuma into a cache outside the checkout, once for each state of its lock file. No script of a package runs.
 *
 * @returns the folder of the program; null where it cannot be installed, which is said.
 */
export async function installUptimeKuma(): Promise<string | null> {
  const lock = await readFile(join(PINNED, "package-lock.json"));
  const hash = createHash("sha256").update(lock).digest("hex").slice(0, 16);
  const folder = join(cacheFolder("uptime-kuma"), hash);
  if (existsSync(folder)) return join(folder, PROGRAM);

  process.stderr.write("Installing Uptime Kuma from npm: a minute, once.\n");
  await mkdir(dirname(folder), { recursive: true });
  // Whoever installs at the same time does so beside us; the first to be done has it.
  const unfinished = `${folder}.${process.pid}`;
  await cp(PINNED, unfinished, { recursive: true });
  const args = ["ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit"];
  try {
    await run("npm", [...args, "--prefix", unfinished], { timeout: INSTALL_TIMEOUT_MS });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (existsSync(folder)) return join(folder, PROGRAM);
    process.stderr.write(`Uptime Kuma cannot be installed, skipped: ${String(error)}\n`);
    return null;
  }
  return join(folder, PROGRAM);
}

export interface UptimeKuma {
  readonly port: number;
  stop(): Promise<void>;
}

/** @param folder as `installUptimeKuma` returns it. @param mariadbPort where its data goes. */
export async function startUptimeKuma(folder: string, mariadbPort: number): Promise<UptimeKuma> {
  const data = await mkdtemp(join(tmpdir(), "culvert-uptime-kuma-"));
  const database = {
    type: "mariadb",
    hostname: "127.0.0.1",
    port: mariadbPort,
    username: MARIADB_LOGIN.user,
    password: MARIADB_LOGIN.password,
    dbName: "kuma",
  };
  await writeFile(join(data, "db-config.json"), JSON.stringify(database));
  const port = await findFreePort();
  const server = await startExternal({
    command: process.execPath,
    args: ["server/server.js", "--host=127.0.0.1", `--port=${port}`],
    cwd: folder,
    env: { DATA_DIR: `${data}/`, HTTPS_PROXY: NO_PROXY_AT_ALL, NODE_ENV: "production" },
    isReady: () => isListening(port),
  });
  return {
    port,
    stop: async () => {
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
