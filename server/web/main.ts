import { z } from "zod";
import { toInstallation } from "#server/admin/own-database.ts";
import { ConfigError, parseConfig } from "#server/config/config.ts";
import { isLoopbackLocal } from "#server/config/derived.ts";
import { DatabaseError, openDatabase } from "#server/db/client.ts";
import { createLogger } from "#server/observability/logger.ts";
import { publishRuntime } from "#server/runtime.ts";
import { FATAL_EXIT_CODE } from "#server/supervisor/child-message.ts";
import { createPages, NoBuildError } from "./pages.ts";
import { startWeb } from "./start-web.ts";

/** What the supervisor hands on beside the configuration. */
const OwnVariables = z
  .object({
    CULVERT_RUN_DIR: z.string(),
    CULVERT_SECRET: z.string(),
    CULVERT_CHANNEL_SECRET: z.string(),
    CULVERT_SIGN_IN_COMMAND: z.string(),
    CULVERT_TERMINAL_SIGN_IN_COMMAND: z.string(),
  })
  .transform((env) => ({
    runDir: env.CULVERT_RUN_DIR,
    secret: env.CULVERT_SECRET,
    channelSecret: env.CULVERT_CHANNEL_SECRET,
    signInCommands: {
      onPage: env.CULVERT_SIGN_IN_COMMAND,
      onTerminal: env.CULVERT_TERMINAL_SIGN_IN_COMMAND,
    },
  }));

function readOwnVariables(env: NodeJS.ProcessEnv): z.output<typeof OwnVariables> {
  const own = OwnVariables.safeParse(env);
  if (!own.success) throw new ConfigError("The web process is started by `culvert server`.");
  return own.data;
}

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const own = readOwnVariables(process.env);
  const isDev = process.argv.includes("--dev");
  const log = createLogger({ ...config.log, name: "web" });
  const db = await openDatabase({ url: config.database.url });
  const web = await startWeb({
    db,
    installation: toInstallation(config, new Date()),
    ...own,
    isLoopbackLocal: isLoopbackLocal(config),
    admin: config.admin,
    log,
    onNotice: (text) => process.send?.({ type: "notice", text }),
    publish: publishRuntime,
    createPages: () => createPages({ isDev }),
  });
  log.info({ runDir: own.runDir }, "web process ready");
  process.send?.({ type: "ready" });

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void web
      .close()
      .then(() => db.$disconnect())
      .catch((error: unknown) => log.error({ err: error }, "shutting down failed"))
      .finally(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The supervisor is gone: nobody would restart us, and nobody would stop us.
  process.on("disconnect", stop);
  // It may have gone while we were starting.
  if (process.send !== undefined && !process.connected) stop();
}

try {
  await main();
} catch (error) {
  const isSaidClearly =
    error instanceof ConfigError || error instanceof NoBuildError || error instanceof DatabaseError;
  process.stderr.write(`${isSaidClearly ? error.message : String((error as Error).stack)}\n`);
  process.exit(isSaidClearly ? FATAL_EXIT_CODE : 1);
}
