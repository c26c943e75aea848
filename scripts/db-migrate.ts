import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { NO_FILTERS, SQLITE_MIGRATIONS_DIR, applyMigrations } from "#server/db/migrations.ts";
import { startSchemaEngine, type Datamodels } from "#server/db/schema-engine.ts";
import { createSqliteAdapter } from "#server/db/sqlite-adapter.ts";

const HELP = `Usage: npm run db:migrate -- NAME     write the migration that brings the history up to the models
       npm run db:check               fail when the models and the history differ

Options:
  --check      write nothing, exit 1 when a migration is missing
  --help       this text`;

const SCHEMA_DIR = fileURLToPath(new URL("../prisma/sqlite", import.meta.url));

async function readDatamodels(): Promise<Datamodels> {
  const models = (await readdir(join(SCHEMA_DIR, "models"))).filter((name) =>
    name.endsWith(".prisma"),
  );
  const paths = ["schema.prisma", ...models.sort().map((name) => join("models", name))];
  return await Promise.all(
    paths.map(async (path): Promise<[string, string]> => [
      join(SCHEMA_DIR, path),
      await readFile(join(SCHEMA_DIR, path), "utf8"),
    ]),
  );
}

/**
 * The SQL from what the migrations build to what the models say; empty when they agree.
 *
 * The migrations are applied to a throw-away file first: against its own in-memory database
 * the engine sees the first table only.
 */
async function missingSql(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-migrate-"));
  const adapter = createSqliteAdapter(`file:${join(folder, "shadow.db")}`);
  const files = (await readDatamodels()).map(([path, content]) => ({ path, content }));
  try {
    await applyMigrations(adapter);
    const engine = await startSchemaEngine(
      adapter,
      files.map(({ path, content }) => [path, content]),
    );
    const result = await engine.diff({
      from: { tag: "schemaDatasource", files, configDir: SCHEMA_DIR },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    });
    engine.free();
    const sql = result.stdout ?? "";
    return sql.includes("This is an empty migration") ? "" : sql.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function stamp(at: Date): string {
  return at.toISOString().replace(/[-:T]/g, "").slice(0, 14);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean" }, check: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const sql = await missingSql();
  if (values.check === true) {
    if (sql === "") return 0;
    console.error("The models and the migrations differ; run `npm run db:migrate -- NAME`:\n");
    console.error(sql);
    return 1;
  }
  const [name] = positionals;
  if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
    console.error(HELP);
    return 2;
  }
  if (sql === "") {
    console.log("Nothing to migrate: the models and the history agree.");
    return 0;
  }
  const folder = join(SQLITE_MIGRATIONS_DIR, `${stamp(new Date())}_${name}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "migration.sql"), `${sql}\n`);
  console.log(`Wrote ${folder}/migration.sql`);
  return 0;
}

process.exitCode = await main();
