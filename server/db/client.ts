import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { PrismaClient } from "./generated/sqlite/client.ts";
import type { Db } from "./db.ts";
import { applyMigrations } from "./migrations.ts";
import { createSqliteAdapter, sqlitePath } from "./sqlite-adapter.ts";

export interface OpenDatabaseOptions {
  /** `file:<path>`. */
  readonly url: string;
  /** Folder with one folder per migration; that of the repository when not given. */
  readonly migrationsDir?: string;
}

/** The database cannot be used. The message names the file and what the system said; nothing of its content. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

/**
 * Opens the database, creating and migrating it first where that is needed.
 *
 * Only programs and tests call this: it pulls in the native driver. Everything else takes a {@link Db}.
 *
 * @throws DatabaseError when the file cannot be opened, or holds something else.
 *
 * Order: close it with `db.$disconnect()` after everything that uses it has stopped.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Db> {
  const path = sqlitePath(options.url);
  try {
    return await open(path, options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const [firstLine = ""] = reason.split("\n", 1);
    throw new DatabaseError(`The database ${path} cannot be used: ${firstLine}`, { cause });
  }
}

async function open(path: string, options: OpenDatabaseOptions): Promise<Db> {
  prepareFile(path);
  const adapter = createSqliteAdapter(options.url);
  await applyMigrations(adapter, options.migrationsDir);
  const db = new PrismaClient({
    adapter,
    // One connection serialises everything, so a burst waits rather than fails.
    transactionOptions: { maxWait: 20_000, timeout: 30_000 },
  });
  await db.$connect();
  return db;
}

/** The file holds sessions and hashes: only its owner may read it. SQLite gives its side files the same mode. */
function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
}
