import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import {
  AGENT_SOCKET_PATH,
  CAPABILITIES,
  CONTROL_LIMITS,
  type Capability,
} from "#protocol/control/limits.ts";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { Published } from "#protocol/control/published.ts";
import { SYSTEM_CLOCK } from "#mux/session/clock.ts";
import { dialWebSocket } from "#mux/transport/websocket/dial.ts";
import type { AgentConfig } from "./config/config.ts";
import type { Registration } from "./connection/agent-link.ts";
import { ConnectionManager } from "./connection/connection-manager.ts";
import type { DialLink } from "./connection/link-slot.ts";
import { createSources } from "./discovery/create-sources.ts";
import { InventoryState } from "./discovery/inventory-state.ts";
import { HttpKubernetesApi, type KubernetesApi } from "./discovery/kubernetes/api-client.ts";
import { ClusterAccess } from "./discovery/kubernetes/cluster-access.ts";
import { ResourceWatch } from "./discovery/kubernetes/resources/resource-watch.ts";
import { ProblemLog } from "./discovery/problem-log.ts";
import { createFeedback } from "./feedback/create-feedback.ts";
import { PublishedLog } from "./feedback/published-log.ts";
import { resolveByDns } from "./forward/resolve-upstream.ts";
import { ForbiddenAddresses } from "./forward/forbidden-addresses.ts";
import { TcpForwarder } from "./forward/tcp-forwarder.ts";
import { AgentHttpServer } from "./http/agent-http-server.ts";
import { createSurface } from "./http/create-surface.ts";
import { EventLoopWatch } from "./http/event-loop-watch.ts";
import type { Log } from "./log.ts";
import { createAgentCounters, type AgentCounters } from "./metrics/agent-counters.ts";
import { AGENT_VERSION } from "./version.ts";

const CLOSE_TIMEOUT_MS = 2_000;
const LINK_KEEP_ALIVE_MS = 30_000;
const DIAL_TIMEOUT_MS = 15_000;
const DRAIN_MS = 20_000;
/** How long the first look may take before the agent connects without it, to say what it waits for. */
const FIRST_LOOK_MS = 5_000;

export interface RunAgentOptions {
  readonly config: AgentConfig;
  readonly log: Log;
  /** Aborted once: let what is open end, then return. */
  readonly drain: AbortSignal;
  /** Aborted once: return at once. */
  readonly kill: AbortSignal;
  readonly memoryBytes: () => number;
  /** How long connections may take to end after `drain`, milliseconds. */
  readonly drainMs?: number;
}

/** Runs the agent until it is told to stop. @returns the exit code. */
export async function runAgent(options: RunAgentOptions): Promise<number> {
  const { config, log, drain, kill } = options;
  const counters = createAgentCounters();
  const api = createApi(config, counters);
  const problems = new ProblemLog(log);
  const sources = createSources({
    config,
    api,
    random: Math.random,
    log,
    onEvent: (kind, event) => counters.kubernetes.watchEvents.add({ kind, event }),
  });
  const state = new InventoryState(
    sources,
    (inventory) => {
      log.info("Discovery changed", {
        generation: inventory.generation,
        gateways: inventory.gateways.length,
        listeners: inventory.gateways.reduce((sum, { listeners }) => sum + listeners.length, 0),
      });
      problems.update(inventory.problems);
      forwarder.targetsChanged();
      manager.publishInventory();
      publishedLog?.receiveInventory();
      feedback?.receiveInventory();
    },
    () => manager.publishInventory(),
  );
  const publishedLog = createPublishedLog(config, state, log);
  const forwarder = createForwarder(config, state, log);
  const watch = createResourceWatch(config, api, () => manager.publishResources());
  const resources = (): ClusterResources | null => watch?.latest ?? null;
  const manager = createManager(options, {
    state,
    forwarder,
    counters,
    resources,
    onPublished: (published) => {
      publishedLog?.receivePublished(published);
      feedback?.receivePublished(published);
    },
  });
  const feedback = createFeedback({
    config,
    api,
    inventory: () => state.current,
    isLinked: () => manager.status.links.length > 0,
    counters,
    log,
  });
  const loop = new EventLoopWatch(SYSTEM_CLOCK);
  const surface = createSurface(options, { state, forwarder, counters, manager, loop, resources });
  const http = new AgentHttpServer({ port: config.httpPort, log, ...surface });
  log.info("The agent starts", { version: AGENT_VERSION, server: config.url.href });
  loop.start();
  if (config.httpPort !== 0) await http.start();
  const stop = AbortSignal.any([drain, kill]);
  // Also the inventory that is as empty as before the look.
  const looked = state.start().then(() => manager.publishInventory());
  if (await isDueToConnect(looked, stop)) {
    manager.start();
    watch?.start();
  }

  await Promise.race([aborted(stop), looked.then(() => aborted(stop))]);
  if (!kill.aborted) {
    log.info("The agent drains", { connections: forwarder.open });
    const drained = manager.drain("the agent is shutting down", options.drainMs ?? DRAIN_MS);
    await Promise.race([drained, aborted(kill)]);
  }
  manager.stop();
  loop.stop();
  await Promise.all([
    state.close(),
    watch?.close(),
    feedback?.close(),
    config.httpPort === 0 ? undefined : http.close(),
  ]);
  api?.close();
  log.info("The agent stopped", { connections: forwarder.open });
  return 0;
}

/**
 * Waits for the first complete look, but not for long: an operator sees in the dashboard what a connected agent waits for.
 *
 * @returns false when it was told to stop meanwhile.
 */
async function isDueToConnect(looked: Promise<void>, stop: AbortSignal): Promise<boolean> {
  const late = wait(FIRST_LOOK_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
  await Promise.race([looked, late]);
  return !stop.aborted;
}

/** The one client of the API server that everything in the agent shares. */
function createApi(
  { kubernetes }: AgentConfig,
  { kubernetes: counters }: AgentCounters,
): HttpKubernetesApi | null {
  if (kubernetes === null) return null;
  return new HttpKubernetesApi({
    access: new ClusterAccess(kubernetes.credentials),
    userAgent: `culvert-agent/${AGENT_VERSION}`,
    onCall: ({ verb, resource, status }) =>
      counters.requests.add({ verb, resource, status: status === 0 ? "error" : String(status) }),
  });
}

/** @returns null where nobody is to count what the cluster consists of. */
function createResourceWatch(
  { kubernetes }: AgentConfig,
  api: KubernetesApi | null,
  onCounted: () => void,
): ResourceWatch | null {
  if (api === null || kubernetes?.hasClusterView !== true) return null;
  return new ResourceWatch({
    api,
    clock: SYSTEM_CLOCK,
    wallClock: () => new Date(),
    random: Math.random,
    onCounted,
  });
}

/** @returns null in a cluster, whose people have the dashboard or the annotations. */
function createPublishedLog(
  { kubernetes }: AgentConfig,
  state: InventoryState,
  log: Log,
): PublishedLog | null {
  return kubernetes === null ? new PublishedLog(log, () => state.current) : null;
}

function createForwarder(config: AgentConfig, state: InventoryState, log: Log): TcpForwarder {
  const { tcp, udp } = config.tunnels;
  return new TcpForwarder({
    findTargets: (key) => state.findTargets(key),
    forbidden: new ForbiddenAddresses(),
    maxConnections: tcp.maxConnections,
    udp,
    connectionTimeoutMs: tcp.connectionTimeoutMs,
    keepAliveMs: tcp.isKeepAlive ? tcp.keepAlivePeriodMs : 0,
    resolveName: resolveByDns,
    random: Math.random,
    headerTimeoutMs: CONTROL_LIMITS.handshakeTimeoutMs,
    log,
  });
}

function createManager(
  { config, log, memoryBytes }: RunAgentOptions,
  parts: {
    readonly state: InventoryState;
    readonly forwarder: TcpForwarder;
    readonly counters: AgentCounters;
    readonly resources: () => ClusterResources | null;
    readonly onPublished: (published: Published) => void;
  },
): ConnectionManager {
  const { state, forwarder, counters, resources, onPublished } = parts;
  return new ConnectionManager({
    url: config.url,
    dial: createDial(config),
    clock: SYSTEM_CLOCK,
    random: Math.random,
    log,
    onStream: (stream) => forwarder.accept(stream),
    onPublished,
    link: {
      registration: createRegistration(config),
      capabilities: listCapabilities(config),
      // Without a complete look there is none: the server would take what is missing for gone.
      inventory: () => (state.isComplete ? state.current : null),
      pending: () => state.waiting ?? [],
      resources,
      openStreams: () => forwarder.open,
      memoryBytes,
      counters: counters.links,
      handshakeTimeoutMs: CONTROL_LIMITS.handshakeTimeoutMs,
      clock: SYSTEM_CLOCK,
      wallClock: () => new Date(),
      log,
    },
  });
}

/**
 * Whoever names `published` is told of every change: where it is written down, and on hosts outside of clusters, whose
 * log is where people look. A cluster's list may be long, and its people have the dashboard or the annotations.
 */
function listCapabilities({ feedback, kubernetes }: AgentConfig): readonly Capability[] {
  const isTold = kubernetes === null || feedback.some((kind) => kind !== "events");
  return CAPABILITIES.filter((name) => name !== "published" || isTold);
}

function createRegistration({ agentId, clusterName, tunnels }: AgentConfig): Registration {
  return {
    agentId,
    instanceId: randomBytes(12).toString("hex"),
    version: AGENT_VERSION,
    clusterName,
    startedAt: new Date().toISOString(),
    forceTunnelMode: tunnels.forceTunnelMode,
    dualModeEnabled: tunnels.dualModeEnabled,
    limits: {
      maxConnections: tunnels.tcp.maxConnections,
      connectionTimeoutMs: tunnels.tcp.connectionTimeoutMs,
    },
  };
}

/** Certificates are always checked; NODE_EXTRA_CA_CERTS adds an authority of one's own. */
function createDial(config: AgentConfig): DialLink {
  const url = new URL(config.url);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${AGENT_SOCKET_PATH}`;
  return (link, signal) =>
    dialWebSocket({
      url,
      headers: {
        Authorization: `Bearer ${config.token}`,
        "User-Agent": `culvert-agent/${AGENT_VERSION}`,
      },
      handler: link.handler,
      maxTextBytes: CONTROL_LIMITS.messageBytes,
      closeTimeoutMs: CLOSE_TIMEOUT_MS,
      keepAliveMs: LINK_KEEP_ALIVE_MS,
      handshakeTimeoutMs: DIAL_TIMEOUT_MS,
      signal,
      tls: { minVersion: "TLSv1.3" },
    });
}

function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const any = AbortSignal.any([...signals]);
    if (any.aborted) resolve();
    else any.addEventListener("abort", () => resolve(), { once: true });
  });
}
