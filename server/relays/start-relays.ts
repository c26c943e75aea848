import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "#server/observability/logger.ts";
import { buildDesiredState } from "#server/services/desired-state/build-desired-state.ts";
import { ClusterReconciler } from "#server/services/inventory/cluster-reconciler.ts";
import type { MetricDelta } from "#server/services/metrics/metric-rollup.ts";
import type { RelayCommands, ServiceContext } from "#server/services/service-context.ts";
import { createChannelAcceptor } from "./accept-channel.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import { SpecBook } from "#server/services/tunnels/spec-book.ts";
import { DesiredPublisher } from "./desired-publisher.ts";
import { InventoryWriter } from "./inventory-writer.ts";
import { RelayHub } from "./relay-hub.ts";
import { RelaySession } from "./relay-session.ts";
import { createFactStore } from "./store-in-services.ts";

export interface StartRelaysOptions {
  readonly context: ServiceContext;
  readonly channelSecret: string;
  readonly count: (deltas: readonly MetricDelta[], at: number) => void;
  readonly log: Logger;
  readonly graceMs?: number;
}

export interface Relays extends RelayCommands {
  /** For upgrade requests that arrive on the private socket. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly relayCount: () => number;
  /** Resolves when everything reported so far is stored and decided. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Opens this process's end of the relay channel: desired state goes out, what relays report comes in. */
export function startRelays(options: StartRelaysOptions): Relays {
  const { context, log, count } = options;
  const onError = (error: unknown): void => log.error({ err: error }, "desired state not built");
  const reconciler = new ClusterReconciler({
    deps: context,
    onError: (error, clusterId) => log.error({ err: error, clusterId }, "reconcile failed"),
  });
  const inventories = new InventoryWriter({
    store: (report) => storeInventory(context, report),
    onError: (error) => log.error({ err: error }, "an inventory was not stored"),
  });
  const specs = new SpecBook();
  const publisher: DesiredPublisher = new DesiredPublisher({
    build: () => buildDesiredState(context, specs),
    send: (message) => hub.broadcast(message),
    onError,
  });
  const hub: RelayHub = new RelayHub({
    live: context.live,
    store: createFactStore({ context, reconciler, inventories, count }),
    now: context.now,
    sendDesired: (send) => void publisher.whole(send),
    clusterOf: (tunnelId) => publisher.clusterOf(tunnelId),
    log,
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  });
  const unsubscribe = context.changes.subscribe(({ kind }) => {
    if (kind !== "audit") publisher.changed();
  });
  publisher.start();
  reconciler.start();
  return {
    onUpgrade: createChannelAcceptor(options.channelSecret, (socket) => {
      new RelaySession(
        socket,
        {
          onHello: (session, hello) => hub.onHello(session, hello),
          onMessage: (session, message) => hub.onMessage(session, message),
          onClose: (session, hasSaidSo) => hub.onClose(session, hasSaidSo),
        },
        log,
      );
    }),
    relayCount: () => hub.relayCount,
    closeConnections: (filter, reason) => hub.closeConnections(filter, reason),
    idle: async () => {
      await hub.idle();
      await reconciler.idle();
    },
    close: async () => {
      unsubscribe();
      await hub.close();
      await inventories.close();
      await reconciler.close();
      await publisher.close();
    },
  };
}
