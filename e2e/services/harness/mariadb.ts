import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { findFreePort } from "../../harness/process.ts";
import { hasProgram, runTool, startExternal, type ToolResult } from "./external.ts";

export const hasMariaDb = ["mariadbd", "mariadb", "mariadb-install-db"].every(hasProgram);

export interface MariaDb {
  readonly port: number;
  stop(): Promise<void>;
}

/** Statements of this size are allowed; above the largest that the tests send. */
const PACKET_MAX = "128M";
export const MARIADB_LOGIN = { user: "shop", password: "shop", database: "shop" } as const;

/** A real MariaDB on loopback, with data of its own. */
export async function startMariaDb(): Promise<MariaDb> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-mariadb-"));
  await chmod(folder, 0o755);
  const data = join(folder, "data");
  const { username } = userInfo();
  const install = await runTool("mariadb-install-db", [
    "--no-defaults",
    `--datadir=${data}`,
    `--user=${username}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ]);
  if (install.code !== 0) throw new Error(`mariadb-install-db:\n${install.err}`);
  const port = await findFreePort();
  const socket = join(folder, "server.sock");
  const onSocket = (sql: string): Promise<ToolResult> =>
    runTool("mariadb", ["--no-defaults", `--socket=${socket}`, "--user=root", "-e", sql]);
  const server = await startExternal({
    command: "mariadbd",
    args: [
      "--no-defaults",
      `--datadir=${data}`,
      `--user=${username}`,
      `--socket=${socket}`,
      `--pid-file=${join(folder, "server.pid")}`,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      `--max-allowed-packet=${PACKET_MAX}`,
      "--skip-name-resolve",
    ],
    isReady: async () => (await onSocket("SELECT 1")).code === 0,
  });
  const { user, password, database } = MARIADB_LOGIN;
  const setUp = await onSocket(
    `CREATE DATABASE ${database}; CREATE USER ${user} IDENTIFIED BY '${password}'; GRANT ALL ON *.* TO ${user};`,
  );
  if (setUp.code !== 0) throw new Error(setUp.err);
  return {
    port,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs SQL with the real client over TCP. Rows come as lines, columns with tabs between. */
export async function queryMariaDb(port: number, sql: string | Readable): Promise<ToolResult> {
  return await runTool(
    "mariadb",
    [
      "--no-defaults",
      "--protocol=TCP",
      "--host=127.0.0.1",
      `--port=${port}`,
      `--user=${MARIADB_LOGIN.user}`,
      `--password=${MARIADB_LOGIN.password}`,
      `--max-allowed-packet=${PACKET_MAX}`,
      "--batch",
      "--skip-column-names",
      MARIADB_LOGIN.database,
    ],
    sql,
  );
}
