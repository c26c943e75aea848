import { join } from "node:path";
import { writeManifests } from "./manifests.ts";
import { randomPassword, startPostgres, type RunningPostgres } from "./services/postgres.ts";
import { removeDataFolder } from "./services/postgres-folders.ts";
import { createShop, isShopReady, SHOP } from "./services/shop-database.ts";
import { findFreePort, startEcho, startWebPage } from "./services/small-services.ts";

export interface StartDemoOptions {
  /** The server's data directory; everything of the demo is in its folder `demo`. */
  readonly dataDir: string;
  /** One word or two on what is being done. */
  readonly onStep: (step: string) => void;
  readonly onLog?: (text: string) => void;
}

export interface DemoServices {
  /** What an agent with `file:` discovery is pointed at. */
  readonly manifestsDir: string;
  readonly postgres: {
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Starts the services that the demo publishes: a real PostgreSQL with a small shop, a TCP echo, a web page. */
export async function startDemoServices(options: StartDemoOptions): Promise<DemoServices> {
  const folder = join(options.dataDir, "demo");
  const manifestsDir = join(folder, "manifests");
  options.onStep("PostgreSQL");
  const postgres = await startShop(join(folder, "postgres"), options);
  const started: { stop(): Promise<void> }[] = [postgres];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopping ??= Promise.all(started.map((service) => service.stop())).then(() => undefined));
  try {
    options.onStep("echo and web page");
    const echo = await startEcho();
    started.push(echo);
    const web = await startWebPage();
    started.push(web);
    await writeManifests(manifestsDir, { postgres: postgres.port, echo: echo.port, web: web.port });
  } catch (error) {
    await stop();
    throw error;
  }
  return { manifestsDir, postgres: SHOP, stop };
}

const ATTEMPTS = 3;

/**
 * The demo's PostgreSQL with its database. Data that cannot be used any more, because a first start was cut off or a disk
 * was full, is thrown away: it is the demo's own and made again in a second.
 */
async function startShop(folder: string, options: StartDemoOptions): Promise<RunningPostgres> {
  let failure: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const password = randomPassword();
    let running: RunningPostgres | null = null;
    try {
      running = await startPostgres({
        folder,
        port: await findFreePort(),
        user: "postgres",
        password,
        ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
      });
      if (running.isNew) {
        options.onStep("demo database");
        await createShop({ port: running.port, user: "postgres", password });
      }
      if (await isShopReady(running.port)) return running;
      failure = new Error("The demo's database is not complete.");
    } catch (error) {
      failure = error;
    }
    await running?.stop();
    // The first failure of old data may be a port that was taken in between; the second is the data's own.
    if (running !== null || attempt > 1) await removeDataFolder(folder);
  }
  throw failure;
}
