import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList } from "@prisma/schema-engine-wasm";
import { startSchemaEngine } from "./schema-engine.ts";

export const SQLITE_MIGRATIONS_DIR = fileURLToPath(
  new URL("../../prisma/sqlite/migrations", import.meta.url),
);

export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Reads all migrations in their order. */
export async function readMigrations(
  directory: string = SQLITE_MIGRATIONS_DIR,
): Promise<MigrationList> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  names.sort();
  const migrationDirectories = await Promise.all(
    names.map(async (path) => ({
      path,
      migrationFile: {
        path: "migration.sql",
        content: {
          tag: "ok" as const,
          value: await readFile(join(directory, path, "migration.sql"), "utf8"),
        },
      },
    })),
  );
  const lockfile = {
    path: "migration_lock.toml",
    content: await readFile(join(directory, "migration_lock.toml"), "utf8"),
  };
  return { baseDir: directory, lockfile, shadowDbInitScript: "", migrationDirectories };
}

/**
 * Brings the database up to date.
 *
 * Looks at the record of applied migrations first, so that the usual start does not pay for the engine.
 *
 * @returns names of the migrations applied now.
 */
export async function applyMigrations(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  directory: string = SQLITE_MIGRATIONS_DIR,
): Promise<readonly string[]> {
  const migrationsList = await readMigrations(directory);
  const applied = await readApplied(adapter);
  const isUpToDate = migrationsList.migrationDirectories.every(({ path }) => applied.has(path));
  if (isUpToDate && applied.size === migrationsList.migrationDirectories.length) return [];

  const engine = await startSchemaEngine(adapter);
  try {
    const result = await engine.applyMigrations({ migrationsList, filters: NO_FILTERS });
    return result.appliedMigrationNames;
  } finally {
    engine.free();
  }
}

async function readApplied(
  adapter: SqlMigrationAwareDriverAdapterFactory,
): Promise<ReadonlySet<string>> {
  const connection = await adapter.connect();
  try {
    const tables = await connection.queryRaw({
      sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name = '_prisma_migrations'",
      args: [],
      argTypes: [],
    });
    if (tables.rows.length === 0) return new Set();
    const applied = await connection.queryRaw({
      sql: "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
      args: [],
      argTypes: [],
    });
    return new Set(applied.rows.map(([name]) => String(name)));
  } finally {
    await connection.dispose();
  }
}
