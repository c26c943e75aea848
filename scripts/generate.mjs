// Generates the Prisma client. The command line insists on a schema engine that this step never uses: any file will do.
import { spawnSync } from "node:child_process";

const result = spawnSync(
  process.execPath,
  ["node_modules/prisma/build/index.js", "generate", "--schema", "prisma/sqlite"],
  {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" },
  },
);
process.exitCode = result.status ?? 1;
if (process.exitCode !== 0) process.stderr.write(String(result.stdout));
