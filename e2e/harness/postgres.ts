import { mkdtemp, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startPostgres as startProgram } from "#demo/services/postgres.ts";
import { findFreePort } from "./process.ts";

export interface Postgres {
  readonly port: number;
  stop(): Promise<void>;
}

export const POSTGRES_USER = "shop";
export const POSTGRES_PASSWORD = "shop";

/** A real PostgreSQL of its own: the one that TEST_POSTGRES_URL names, or npm's. */
export async function startPostgres(): Promise<Postgres> {
  const parent = await mkdtemp(join(tmpdir(), "culvert-pg-"));
  await chmod(parent, 0o755);
  const port = await findFreePort();
  let log = "";
  const running = await startProgram({
    folder: join(parent, "data"),
    port,
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
    onLog: (text) => (log += text),
  }).catch((error: unknown) => {
    throw new Error(log, { cause: error });
  });
  return {
    port,
    stop: async () => {
      await running.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** A client of PostgreSQL's own protocol on a port of loopback, connected. */
export async function connectPostgres(port: number): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
    database: "postgres",
    connectionTimeoutMillis: 15_000,
  });
  // A cut connection is what some journeys wait for; they look at the query's own failure.
  client.on("error", () => {});
  await client.connect();
  return client;
}
