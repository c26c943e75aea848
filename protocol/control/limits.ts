/** Bounds of the agent link. Normative: docs/protocol.md repeats this table and a test compares them. */
export const CONTROL_LIMITS = {
  /** A text message before the agent is registered, bytes. */
  unregisteredMessageBytes: 64 * 1024,
  /** A text message after that, bytes: 500 Gateways with 2,000 routes fit. */
  messageBytes: 8 * 1024 * 1024,
  /** From the upgrade to `register`, milliseconds. */
  handshakeTimeoutMs: 10_000,
  /** Sockets that have not registered yet, for one relay process. */
  unregisteredSockets: 256,
  /** Links of one cluster to one relay process. */
  linksPerCluster: 64,
  /** Gateways in one inventory. */
  gateways: 2_000,
  listenersPerGateway: 64,
  addressesPerGateway: 16,
  routesPerListener: 500,
  backendsPerListener: 500,
  problems: 200,
  /** Addresses of LoadBalancer Services in one inventory. */
  loadBalancers: 64,
  /** Listeners in one `published` message: every listener of the largest inventory that fits. */
  publishedListeners: 10_000,
  endpointsPerListener: 8,
  /** Characters of any one text of an inventory. */
  text: 1_024,
  /** JSON of a version 2 stream header, bytes. */
  streamHeaderBytes: 4_096,
  /** JSON of its answer, bytes. */
  streamReplyBytes: 1_024,
} as const;

export const HEARTBEAT_INTERVAL_MS = 15_000;

/** Spoken by both ends today; the server says it in `gateway_hello`, the agent in `gateway_hello_ack`. */
export const PROTOCOL_VERSION = 1;

export const AGENT_SOCKET_PATH = "/api/v1/clusters/agent/ws";

/** What both ends of this version can do. The intersection rules; a foreign agent names none. */
export const CAPABILITIES = [
  "stream_header_v2",
  "inventory",
  "inventory_change",
  "inventory_pending",
  "cluster_resources",
  "published",
  "drain",
  "log",
] as const;
export type Capability = (typeof CAPABILITIES)[number];
