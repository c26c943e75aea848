import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { answerAdmin } from "#server/admin/answer-admin.ts";
import type { Db } from "#server/db/db.ts";
import { isOwnOrigin } from "#server/http/origin.ts";
import { startJobs } from "#server/jobs/start-jobs.ts";
import { startLive } from "#server/live/start-live.ts";
import type { Logger } from "#server/observability/logger.ts";
import { startRelays, type Relays } from "#server/relays/start-relays.ts";
import type { Runtime } from "#server/runtime.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { createPeople } from "#server/services/auth/create-people.ts";
import { Changes } from "#server/services/changes.ts";
import { HostNameBook } from "#server/services/http-names/host-name-book.ts";
import { reservedNames } from "#server/services/http-names/name-claims.ts";
import { LiveState } from "#server/services/live-state.ts";
import { seedLiveState } from "#server/services/live/seed-live-state.ts";
import { MetricRollup } from "#server/services/metrics/metric-rollup.ts";
import { createSetupLink } from "#server/services/one-time-links/create-link.ts";
import type { Installation, ServiceContext } from "#server/services/service-context.ts";
import { ensureFirstAdmin } from "#server/services/users/create-user.ts";
import { readAgentManifest } from "./agent-manifest.ts";
import { listenOnSocket, startControlServer } from "./control-server.ts";
import type { Pages } from "./pages.ts";
import { createPlainPaths } from "./plain-paths.ts";
import { createWebMetrics } from "./prometheus.ts";

/** Longer than the front door keeps an idle connection to us, so that it never writes into one that we just closed. */
const KEEP_ALIVE_MS = 75_000;
/** How long requests may go on after we were told to stop. */
const DRAIN_MS = 3_000;

export interface StartWebOptions {
  readonly db: Db;
  readonly installation: Installation;
  readonly runDir: string;
  readonly secret: string;
  readonly channelSecret: string;
  /** What prints a sign-in link on this machine. */
  readonly signInCommands: { readonly onPage: string; readonly onTerminal: string };
  /** Whether `/metrics` may be read from loopback without a key. */
  readonly isLoopbackLocal: boolean;
  readonly admin: { readonly email: string; readonly password: string } | null;
  readonly log: Logger;
  readonly onNotice: (text: string) => void;
  /** Makes the runtime reachable for pages before any is prepared. */
  readonly publish: (runtime: Runtime) => void;
  readonly createPages: () => Promise<Pages>;
  readonly now?: () => Date;
  /** How long a relay may be away before what it carried counts as lost. */
  readonly graceMs?: number;
}

export interface RunningWeb {
  readonly runtime: Runtime;
  readonly relays: Relays;
  /** Stops accepting, lets requests end, and writes down what is not stored. The database stays open. */
  close(): Promise<void>;
}

/** Builds the web process from its parts, innermost first, and listens on its two private sockets. */
export async function startWeb(options: StartWebOptions): Promise<RunningWeb> {
  const { log, secret, installation, signInCommands } = options;
  const { context, plugRelays } = createContext(options);
  await seedLiveState(context);
  if (options.admin !== null) await ensureFirstAdmin(context, SYSTEM_ACTOR, options.admin);

  const rollup = new MetricRollup();
  const relays = startRelays({
    context,
    channelSecret: options.channelSecret,
    count: (deltas, at) => rollup.add(at, deltas),
    log: log.child({ part: "relays" }),
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  });
  plugRelays(relays);
  const people = createPeople({ deps: context, secret, log });
  const runtime: Runtime = { ...context, people, log, signInCommand: signInCommands.onPage };
  options.publish(runtime);
  const control = await startControlServer({
    socketPath: join(options.runDir, "control.sock"),
    onUpgrade: relays.onUpgrade,
    onRequest: (path, body) => answerAdmin(context, path, body),
  });

  const pages = await options.createPages();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const metrics = createWebMetrics(context.live, () => live.socketCount());
  const plainPaths = createPlainPaths({
    metrics,
    findActor: (headers) => people.findActor(headers),
    isLoopbackLocal: options.isLoopbackLocal,
    checkDatabase: async () => void (await context.db.setting.count()),
    relayCount: () => relays.relayCount(),
    readAgentManifest: () => readAgentManifest(installation),
  });
  serve(server, { pages, plainPaths, log });
  const live = startLive({
    httpServer: server,
    context,
    findActor: (headers) => people.findActor(headers),
    isOwnOrigin: (headers) => isOwnOrigin(headers, installation.publicUrl),
    log: log.child({ part: "live" }),
  });
  await listenOnSocket(server, join(options.runDir, "web.sock"));
  const jobs = startJobs({ context, rollup, log });
  const setupLink = await createSetupLink(context);
  options.onNotice(
    setupLink === null
      ? `To sign in without a password: ${signInCommands.onTerminal}`
      : `Set up the first administrator: ${setupLink}`,
  );

  return {
    runtime,
    relays,
    close: async () => {
      // Both socket files go at once: a moment later they may be those of the server that follows us.
      const closed = Promise.all([closeServer(server), closeServer(control)]);
      await live.close();
      await relays.close();
      await closed;
      await jobs.stop();
      metrics.close();
      await pages.close();
    },
  };
}

/** Services ask relays, and relays report to services: the loop is closed after both exist. */
function createContext(options: StartWebOptions) {
  let relays: Pick<Relays, "closeConnections"> | null = null;
  const context: ServiceContext = {
    db: options.db,
    now: options.now ?? (() => new Date()),
    changes: new Changes((error) => options.log.error({ err: error }, "change listener failed")),
    live: new LiveState(),
    hostNames: new HostNameBook(reservedNames(options.installation)),
    relays: {
      closeConnections: async (filter, reason) =>
        (await relays?.closeConnections(filter, reason)) ?? 0,
    },
    installation: options.installation,
  };
  return {
    context,
    plugRelays: (plugged: Relays): void => {
      relays = plugged;
    },
  };
}

interface Serving {
  readonly pages: Pages;
  readonly plainPaths: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly log: Logger;
}

/** Socket.IO puts itself in front of these listeners for its own path. */
function serve(server: Server, { pages, plainPaths, log }: Serving): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (plainPaths(request, response)) return;
    pages.handleRequest(request, response).catch((error: unknown) => {
      log.error({ err: error }, "page failed");
      response.destroy();
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.startsWith("/socket.io/") === true) return;
    if (pages.handleUpgrade === null) socket.destroy();
    else void pages.handleUpgrade(request, socket, head).catch(() => socket.destroy());
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed.promise;
  clearTimeout(timer);
}
