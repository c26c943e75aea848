interface MetricSpec {
  readonly type: "counter" | "gauge" | "histogram";
  /** From closed sets, never ids, host names or paths. */
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every metric of the agent. docs/agent.md repeats this table and a test compares them. */
export const AGENT_METRICS = {
  culvert_agent_info: {
    type: "gauge",
    labels: ["version"],
    help: "Always 1, with the version of this agent",
  },
  culvert_agent_uptime_seconds: {
    type: "gauge",
    labels: [],
    help: "Since the agent started",
  },
  culvert_agent_resident_memory_bytes: {
    type: "gauge",
    labels: [],
    help: "Memory of the process",
  },
  culvert_agent_event_loop_lag_seconds: {
    type: "gauge",
    labels: [],
    help: "How late the newest beat of the event loop was",
  },
  culvert_agent_ready: {
    type: "gauge",
    labels: [],
    help: "1 while /ready answers 200",
  },
  culvert_agent_links: {
    type: "gauge",
    labels: [],
    help: "Links to relays that are up",
  },
  culvert_agent_links_wanted: {
    type: "gauge",
    labels: [],
    help: "Relays there should be a link to",
  },
  culvert_agent_link_round_trip_seconds: {
    type: "gauge",
    labels: [],
    help: "Round trip of the slowest link; absent while none is known",
  },
  culvert_agent_links_opened_total: {
    type: "counter",
    labels: [],
    help: "Links that were registered; all but the first of each relay are reconnects",
  },
  culvert_agent_links_lost_total: {
    type: "counter",
    labels: ["reason"],
    help: "Registered links that ended, by reason",
  },
  culvert_agent_registration_errors_total: {
    type: "counter",
    labels: ["reason"],
    help: "Dials and handshakes that did not end in a registered link, by reason",
  },
  culvert_agent_connections_open: {
    type: "gauge",
    labels: [],
    help: "Connections being dialled or carried",
  },
  culvert_agent_connections_total: {
    type: "counter",
    labels: [],
    help: "Connections that were asked for and not over the limit",
  },
  culvert_agent_connections_failed_total: {
    type: "counter",
    labels: ["reason"],
    help: "Connections that could not be made, by the answer given to the server",
  },
  culvert_agent_connections_closed_total: {
    type: "counter",
    labels: ["reason"],
    help: "Connections that were carried and ended, by reason",
  },
  culvert_agent_bytes_total: {
    type: "counter",
    labels: ["direction"],
    help: "Bytes carried; in is client to service",
  },
  culvert_agent_connection_duration_seconds: {
    type: "histogram",
    labels: [],
    help: "How long connections that ended were carried",
  },
  culvert_agent_udp_sessions_open: {
    type: "gauge",
    labels: [],
    help: "UDP sessions being opened or carried",
  },
  culvert_agent_udp_sessions_total: {
    type: "counter",
    labels: [],
    help: "UDP sessions that were asked for and not over the limit",
  },
  culvert_agent_udp_sessions_failed_total: {
    type: "counter",
    labels: ["reason"],
    help: "UDP sessions that could not be made, by the answer given to the server",
  },
  culvert_agent_udp_bytes_total: {
    type: "counter",
    labels: ["direction"],
    help: "Bytes carried for UDP, with two for the length of each datagram; in is client to service",
  },
  culvert_agent_udp_datagrams_total: {
    type: "counter",
    labels: ["direction"],
    help: "Datagrams: in to the service, out to the client, dropped by rule",
  },
  culvert_agent_inventory_generation: {
    type: "gauge",
    labels: [],
    help: "Grows with every change that discovery sees",
  },
  culvert_agent_discovered: {
    type: "gauge",
    labels: ["kind"],
    help: "What discovery sees now, by kind",
  },
  culvert_agent_discovery_problems: {
    type: "gauge",
    labels: [],
    help: "Problems that discovery reports now",
  },
  culvert_agent_inventories_sent_total: {
    type: "counter",
    labels: ["form"],
    help: "Inventories sent to relays, whole or as a change",
  },
  culvert_agent_inventories_acknowledged_total: {
    type: "counter",
    labels: [],
    help: "Inventories that relays acknowledged",
  },
  culvert_agent_watch_events_total: {
    type: "counter",
    labels: ["kind", "event"],
    help: "Changes of objects that the Kubernetes API told, by kind",
  },
  culvert_agent_kubernetes_requests_total: {
    type: "counter",
    labels: ["verb", "resource", "status"],
    help: "Calls of the Kubernetes API, by verb, resource and status; status is error without an answer",
  },
  culvert_agent_kubernetes_nodes: {
    type: "gauge",
    labels: ["state"],
    help: "Nodes of the cluster: total and ready; absent while unknown",
  },
  culvert_agent_kubernetes_pods: {
    type: "gauge",
    labels: ["phase"],
    help: "Pods of the cluster by phase; absent while unknown",
  },
  culvert_agent_feedback_writes_total: {
    type: "counter",
    labels: ["what", "outcome"],
    help: "What was written into the cluster: annotation, status, class or event",
  },
} as const satisfies Record<string, MetricSpec>;

export type AgentMetric = keyof typeof AGENT_METRICS;
