import { fileURLToPath } from "node:url";
import { isAbsolute, resolve } from "node:path";
import { PrismaLibSql } from "@prisma/adapter-libsql";

type Client = ReturnType<PrismaLibSql["createClient"]>;
type Config = Parameters<PrismaLibSql["createClient"]>[0];
type Transaction = Awaited<ReturnType<Client["transaction"]>>;

/** How long another process (an admin command) may hold the file before we fail, milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

const PRAGMAS = [
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = NORMAL",
  "PRAGMA foreign_keys = ON",
  `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`,
];

/** Turns `file:…` into a path, as libsql reads it. */
export function sqlitePath(url: string): string {
  if (url.startsWith("file://")) return fileURLToPath(url);
  const path = url.replace(/^file:/, "");
  return isAbsolute(path) ? path : resolve(path);
}

/** The driver adapter for an embedded database file. */
export function createSqliteAdapter(url: string): PrismaLibSql {
  return new OneConnectionLibSql({
    url: `file:${sqlitePath(url)}`,
    // Byte counters pass 2^53 one day; the default would throw then.
    intMode: "bigint",
    timeout: BUSY_TIMEOUT_MS,
  });
}

/**
 * libsql's client opens a new connection for every transaction, which forgets the pragmas and stays open
 * until it is garbage-collected. The adapter serialises all work anyway, so one connection does it all.
 */
class OneConnectionLibSql extends PrismaLibSql {
  override createClient(config: Config): Client {
    const client = super.createClient(config);
    const ready = setPragmas(client);
    // An unusable file is reported by the first query instead.
    ready.catch(() => undefined);
    return new Proxy(client, {
      get(target, property) {
        if (property === "transaction") {
          return async () => {
            await ready;
            return await beginOn(target);
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

async function setPragmas(client: Client): Promise<void> {
  for (const pragma of PRAGMAS) await client.execute(pragma);
}

async function beginOn(client: Client): Promise<Transaction> {
  await client.execute("BEGIN IMMEDIATE");
  let isOpen = true;
  const finish = async (statement: "COMMIT" | "ROLLBACK"): Promise<void> => {
    if (!isOpen) return;
    await client.execute(statement);
    isOpen = false;
  };
  const transaction: Pick<Transaction, "execute" | "commit" | "rollback" | "close" | "closed"> = {
    execute: (statement) => client.execute(statement),
    commit: () => finish("COMMIT"),
    rollback: () => finish("ROLLBACK"),
    close: () => {
      void finish("ROLLBACK").catch(() => undefined);
    },
    get closed() {
      return !isOpen;
    },
  };
  // The adapter uses these five; `batch` and `executeMultiple` exist for other callers of libsql.
  return transaction as Transaction;
}
