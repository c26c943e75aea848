import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { ConnectionManager } from "../connection/connection-manager.ts";
import type { InventoryState } from "../discovery/inventory-state.ts";
import type { TcpForwarder } from "../forward/tcp-forwarder.ts";
import type { AgentCounters } from "../metrics/agent-counters.ts";
import { renderMetrics } from "../metrics/exposition.ts";
import { readMetrics } from "../metrics/read-metrics.ts";
import { AGENT_VERSION } from "../version.ts";
import { findUnready, type AgentStatus } from "./agent-status.ts";
import type { EventLoopWatch } from "./event-loop-watch.ts";

/** The agent's parts that its own pages tell of. */
interface SurfaceParts {
  readonly state: InventoryState;
  readonly forwarder: TcpForwarder;
  readonly manager: ConnectionManager;
  readonly counters: AgentCounters;
  readonly loop: EventLoopWatch;
  readonly resources: () => ClusterResources | null;
}

interface SurfaceOptions {
  readonly drain: AbortSignal;
  readonly memoryBytes: () => number;
}

/** Status and metrics of one agent, read from its parts at the moment somebody asks. */
export function createSurface(
  { drain, memoryBytes }: SurfaceOptions,
  { state, forwarder, manager, counters, loop, resources }: SurfaceParts,
): { readonly status: () => AgentStatus; readonly metrics: () => string } {
  const startedAt = performance.now();
  const uptimeSeconds = (): number => Math.round((performance.now() - startedAt) / 1_000);
  const status = (): AgentStatus => {
    const { links, wanted, trouble } = manager.status;
    return {
      version: AGENT_VERSION,
      uptimeSeconds: uptimeSeconds(),
      links: { connected: links.length, wanted },
      linkTrouble: trouble,
      discoveryWaits: state.waiting?.map(({ reason }) => reason) ?? null,
      isDraining: drain.aborted,
      isEventLoopStuck: loop.isStuck,
      discoveryStuck: state.findStuck(),
    };
  };
  const metrics = (): string =>
    renderMetrics(
      readMetrics({
        version: AGENT_VERSION,
        uptimeSeconds: uptimeSeconds(),
        memoryBytes: memoryBytes(),
        lagSeconds: loop.lagSeconds,
        isReady: findUnready(status()).length === 0,
        connections: manager.status,
        counters,
        forwarder: forwarder.counters,
        sessions: forwarder.sessions,
        datagrams: forwarder.datagrams,
        inventory: state.current,
        resources: resources(),
      }),
    );
  return { status, metrics };
}
