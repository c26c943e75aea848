import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { ConnectionStatus } from "../connection/connection-manager.ts";
import type { ForwarderCounters } from "../forward/forwarder-counters.ts";
import type { AgentCounters } from "./agent-counters.ts";
import type { Readings, Sample } from "./exposition.ts";
import type { LabelledCounts } from "./labelled-counts.ts";

export interface MetricSources {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly memoryBytes: number;
  readonly lagSeconds: number;
  readonly isReady: boolean;
  readonly connections: ConnectionStatus;
  readonly counters: AgentCounters;
  readonly forwarder: ForwarderCounters;
  readonly sessions: ForwarderCounters;
  readonly datagrams: { readonly in: number; readonly out: number; readonly dropped: number };
  readonly inventory: Inventory;
  /** Null where nobody reads them. */
  readonly resources: ClusterResources | null;
}

/** What every metric stands at now. */
export function readMetrics(sources: MetricSources): Readings {
  return {
    culvert_agent_info: [{ labels: { version: sources.version }, value: 1 }],
    culvert_agent_uptime_seconds: sources.uptimeSeconds,
    culvert_agent_resident_memory_bytes: sources.memoryBytes,
    culvert_agent_event_loop_lag_seconds: sources.lagSeconds,
    culvert_agent_ready: sources.isReady ? 1 : 0,
    ...readLinks(sources),
    ...readForwarder(sources.forwarder),
    ...readSessions(sources),
    ...readDiscovery(sources.inventory),
    ...readKubernetes(sources),
  };
}

function readLinks({ connections, counters: { links } }: MetricSources) {
  const roundTrips = connections.links.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
  return {
    culvert_agent_links: connections.links.length,
    culvert_agent_links_wanted: connections.wanted,
    culvert_agent_link_round_trip_seconds:
      roundTrips.length === 0 ? null : Math.max(...roundTrips) / 1_000,
    culvert_agent_links_opened_total: links.opened,
    culvert_agent_links_lost_total: toSamples(links.lost),
    culvert_agent_registration_errors_total: toSamples(links.registrationErrors),
    culvert_agent_inventories_sent_total: toSamples(links.inventoriesSent),
    culvert_agent_inventories_acknowledged_total: links.inventoriesAcknowledged,
  };
}

function readForwarder(forwarder: ForwarderCounters) {
  return {
    culvert_agent_connections_open: forwarder.open,
    culvert_agent_connections_total: forwarder.total,
    culvert_agent_connections_failed_total: toSamples(forwarder.failedBy),
    culvert_agent_connections_closed_total: toSamples(forwarder.closedBy),
    culvert_agent_bytes_total: byDirection(forwarder.readBytes()),
    culvert_agent_connection_duration_seconds: forwarder.durations,
  };
}

function readSessions({ sessions, datagrams }: MetricSources) {
  return {
    culvert_agent_udp_sessions_open: sessions.open,
    culvert_agent_udp_sessions_total: sessions.total,
    culvert_agent_udp_sessions_failed_total: toSamples(sessions.failedBy),
    culvert_agent_udp_bytes_total: byDirection(sessions.readBytes()),
    culvert_agent_udp_datagrams_total: byDirection(datagrams),
  };
}

function byDirection(counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([direction, value]) => ({ labels: { direction }, value }));
}

function readDiscovery({ generation, gateways, problems }: Inventory) {
  const listeners = gateways.flatMap((gateway) => gateway.listeners);
  const discovered = new Map([
    ["Gateway", gateways.length],
    ["Listener", listeners.length],
  ]);
  for (const { kind } of distinctRoutes(listeners)) {
    discovered.set(kind, (discovered.get(kind) ?? 0) + 1);
  }
  return {
    culvert_agent_inventory_generation: generation,
    culvert_agent_discovered: [...discovered].map(([kind, value]) => ({ labels: { kind }, value })),
    culvert_agent_discovery_problems: problems.length,
  };
}

/** A route of several listeners is one route. */
function distinctRoutes(
  listeners: Inventory["gateways"][number]["listeners"],
): Iterable<{ readonly kind: string }> {
  const routes = listeners.flatMap((listener) => listener.routes);
  return new Map(
    routes.map((route) => [`${route.kind}/${route.namespace}/${route.name}`, route]),
  ).values();
}

const PHASES = ["running", "pending", "succeeded", "failed"] as const;

function readKubernetes({ counters: { kubernetes }, resources }: MetricSources) {
  const { nodes = null, pods = null } = resources ?? {};
  return {
    culvert_agent_watch_events_total: toSamples(kubernetes.watchEvents),
    culvert_agent_kubernetes_requests_total: toSamples(kubernetes.requests),
    culvert_agent_feedback_writes_total: toSamples(kubernetes.feedbackWrites),
    culvert_agent_kubernetes_nodes:
      nodes === null
        ? null
        : [
            { labels: { state: "total" }, value: nodes.total },
            { labels: { state: "ready" }, value: nodes.ready },
          ],
    culvert_agent_kubernetes_pods:
      pods === null ? null : PHASES.map((phase) => ({ labels: { phase }, value: pods[phase] })),
  };
}

function toSamples<L extends string>(counts: LabelledCounts<L>): readonly Sample[] {
  return counts.list().map(({ labels, count }) => ({ labels, value: count }));
}
