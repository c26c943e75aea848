import type { Server as HttpServer } from "node:http";
import type { Logger } from "#server/observability/logger.ts";
import type { Actor } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { ConnectionsPublisher } from "./connections-publisher.ts";
import { LiveServer } from "./live-server.ts";
import { MetricsPublisher } from "./metrics-publisher.ts";
import { ObjectsPublisher } from "./objects-publisher.ts";
import { RequestsPublisher } from "./requests-publisher.ts";

export interface StartLiveOptions {
  readonly httpServer: HttpServer;
  readonly context: ServiceContext;
  readonly findActor: (headers: Headers) => Promise<Actor | null>;
  readonly isOwnOrigin: (headers: Headers) => boolean;
  readonly log: Logger;
}

export interface Live {
  /** Sockets that are connected now. */
  readonly socketCount: () => number;
  close(): Promise<void>;
}

/** Opens the live namespace on an HTTP server and keeps its rooms informed. */
export function startLive(options: StartLiveOptions): Live {
  const { context, log } = options;
  const server = new LiveServer({
    ...options,
    onSubscribed: (socket, rooms) => {
      const latest = metrics.latestFor(rooms);
      if (latest.length > 0) socket.emit("metrics", latest);
    },
  });
  const { namespace } = server;
  const metrics = new MetricsPublisher({
    namespace,
    live: context.live,
    now: context.now,
  });
  const publishers = [
    metrics,
    new ConnectionsPublisher(namespace),
    new RequestsPublisher(namespace),
    new ObjectsPublisher({
      namespace,
      context,
      onWithdrawal: () => void server.recheck(),
      onError: (error) => log.error({ err: error }, "live update failed"),
    }),
  ];
  return {
    socketCount: () => namespace.sockets.size,
    close: async () => {
      for (const publisher of publishers) publisher.close();
      await server.close();
    },
  };
}
