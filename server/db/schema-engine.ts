import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";

export type { SchemaEngine } from "@prisma/schema-engine-wasm";

/** `[path, content]` of each schema file. */
export type Datamodels = [string, string][];

type WasmExports = Readonly<Record<string, unknown>>;

/** Node has it; its types come with those of browsers only. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Readonly<Record<string, object>>,
  ): Promise<{ readonly instance: { readonly exports: WasmExports } }>;
};

interface Glue {
  readonly SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: WasmExports): void;
}

let loading: Promise<Glue> | undefined;

/**
 * Starts Prisma's schema engine, compiled to WebAssembly, over a driver adapter: it needs no downloaded binary.
 *
 * @param adapter the engine opens its own connection with it; `free()` the engine to close that.
 */
export async function startSchemaEngine(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  datamodels?: Datamodels,
): Promise<SchemaEngine> {
  loading ??= loadGlue();
  const glue = await loading;
  return await glue.SchemaEngine.new(
    { datamodels },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
}

// The package's own entry imports the .wasm as a module, which Node does not do without a flag.
async function loadGlue(): Promise<Glue> {
  const folder = dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const glueUrl = "@prisma/schema-engine-wasm/schema_engine_bg";
  const glue = (await import(glueUrl)) as Glue;
  const bytes = await readFile(join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, {
    "./schema_engine_bg.js": glue,
  });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start === "function") (start as () => void)();
  return glue;
}
