import { delimiter } from "node:path";
import { z } from "zod";
import { FEEDBACK_KINDS, type FeedbackKind } from "../feedback/feedback-kinds.ts";
import { LOG_LEVELS } from "../log.ts";
import { duration, flag, names, size, whole, word } from "./values.ts";

interface Setting<T, F extends T | null> {
  /** Where it stands in the YAML file. */
  readonly path: readonly string[];
  /** Its variable in the environment. */
  readonly env: string;
  readonly value: z.ZodType<T>;
  /** When nobody says anything; null where that is decided elsewhere. */
  readonly fallback: F;
  readonly what: string;
}

const url = word.refine(
  (text) => URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol),
  "must begin with http:// or https://",
);

const token = word.refine(
  (text) => /^[\x21-\x7e]+$/.test(text),
  "must be the token as it was shown: no spaces, no line breaks",
);

const label = word.refine(
  (text) => /^[A-Za-z0-9][A-Za-z0-9./_-]*(=[A-Za-z0-9._-]*)?$/.test(text),
  "must be a label, KEY or KEY=VALUE",
);

const discovery = word.refine(
  (text) => text === "kubernetes" || text === "none" || /^file:.+/.test(text),
  "must be kubernetes, none or file:<folder>",
);

/** As kubectl takes them: files with colons between them. */
const paths = z
  .string({ error: "must be a text" })
  .transform((text) => text.split(delimiter).filter((path) => path !== ""))
  .refine((list) => list.length > 0, "must name a file");

const FEEDBACK_RULE = `must be off, or one or more of ${FEEDBACK_KINDS.join(", ")}`;

/** `off`, `annotations,events`, or a list in the file. */
const feedback = z
  .union([z.string(), z.array(z.string()), z.literal(false)], { error: FEEDBACK_RULE })
  .transform((value) => (Array.isArray(value) ? value : String(value || "off").split(",")))
  .transform((words) => words.map((text) => text.trim()).filter((text) => text !== "off"))
  .pipe(z.array(z.enum(FEEDBACK_KINDS, { error: FEEDBACK_RULE })));

/** A setting of the `tunnels` tree: its variable is spelt after its path. */
function tunnels<T, F extends T | null>(
  path: string,
  value: z.ZodType<T>,
  fallback: F,
  what: string,
): Setting<T, F> {
  const env = `CULVERT_TUNNELS_${path.replaceAll(".", "_").toUpperCase()}`;
  return { path: ["tunnels", ...path.split(".")], env, value, fallback, what };
}

function top<T, F extends T | null>(
  name: string,
  value: z.ZodType<T>,
  fallback: F,
  what: string,
): Setting<T, F> {
  return { path: [name], env: `CULVERT_${name.toUpperCase()}`, value, fallback, what };
}

const logLevel = z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` });
const logFormat = z.enum(["text", "json"], { error: "must be text or json" });

/** Every setting once: its place in the file, its variable, its rule and its default. */
export const SETTINGS = {
  url: top("url", url, null, "Address of the Culvert server."),
  token: top("token", token, null, "The agent token."),
  clusterName: top(
    "cluster_name",
    word,
    null,
    "A name for the logs; the token decides which cluster it is.",
  ),
  agentId: top(
    "agent_id",
    word,
    null,
    "Name of this agent within its cluster. Default: the host name.",
  ),
  discovery: top(
    "discovery",
    discovery,
    null,
    "Where to look for what to publish: kubernetes, file:<folder> or none.",
  ),
  kubeconfig: {
    ...top(
      "kubeconfig",
      paths,
      null,
      "Kubeconfig files for discovery in Kubernetes. Default: the pod's service account.",
    ),
    env: "KUBECONFIG",
  },
  namespaces: {
    path: ["kubernetes", "namespaces"],
    env: "CULVERT_NAMESPACES",
    value: names(100),
    fallback: null,
    what: "Namespaces to look at, with commas between them. Default: all.",
  },
  clusterView: {
    path: ["kubernetes", "cluster_view"],
    env: "CULVERT_CLUSTER_VIEW",
    value: flag,
    fallback: true,
    what: "Count nodes, pods and services for the dashboard. Default true.",
  },
  agentPort: top(
    "agent_port",
    whole(0, 65_535),
    8_081,
    "Port of the agent's own health pages. Default 8081; 0 = off.",
  ),
  feedback: {
    path: ["kubernetes", "feedback"],
    env: "CULVERT_FEEDBACK",
    value: feedback,
    fallback: [] as FeedbackKind[],
    what: "What to write into the cluster: annotations, status, events, or off. Default off.",
  },
  logLevel: top("log_level", logLevel, "info", "debug, info, warn, error or silent. Default info."),
  logFormat: top("log_format", logFormat, null, "text or json. Default: text on a terminal."),
  tunnelsEnabled: tunnels("enabled", flag, true, "false: nothing is published. Default true."),
  forceTunnelMode: {
    ...tunnels(
      "routing.force_tunnel_mode",
      flag,
      false,
      "Ask for tunnel mode for everything of this agent.",
    ),
    env: "CULVERT_FORCE_TUNNEL_MODE",
  },
  dualModeEnabled: {
    ...tunnels(
      "routing.dual_mode_enabled",
      flag,
      false,
      "Ask for dual mode where a direct address exists.",
    ),
    env: "CULVERT_DUAL_MODE_ENABLED",
  },
  discoverTcp: tunnels("discovery.tcp.enabled", flag, true, "Report TCP listeners. Default true."),
  tcpGatewayLabel: tunnels(
    "discovery.tcp.gateway_label",
    label,
    null,
    "Label of Gateways to publish. Default culvert.dev/managed, also pipeops.io/managed.",
  ),
  discoverUdp: tunnels("discovery.udp.enabled", flag, true, "Report UDP listeners. Default true."),
  udpGatewayLabel: tunnels("discovery.udp.gateway_label", label, null, "The same for UDP."),
  tcpBufferSizeBytes: tunnels(
    "tcp.buffer_size",
    size(4_096, 1_048_576),
    32 * 1024,
    "Accepted for compatibility: buffers are sized by the traffic. Default 32KiB.",
  ),
  tcpKeepalive: tunnels("tcp.keepalive", flag, true, "TCP keep-alive to services. Default true."),
  tcpKeepalivePeriodMs: tunnels(
    "tcp.keepalive_period",
    duration("1s", "2h"),
    30_000,
    "After how much silence. Default 30s.",
  ),
  tcpConnectionTimeoutMs: tunnels(
    "tcp.connection_timeout",
    duration("1s", "5m"),
    30_000,
    "How long a service may take to accept. Default 30s.",
  ),
  tcpIdleTimeoutMs: tunnels(
    "tcp.idle_timeout",
    duration("10s", "7d"),
    null,
    "Idle time of connections, applied by the relay. Default: the server's, 2h.",
  ),
  tcpMaxConnections: tunnels(
    "tcp.max_connections",
    whole(1, 16_000),
    10_000,
    "Connections at one time through this agent. Default 10000.",
  ),
  udpBufferSizeBytes: tunnels(
    "udp.buffer_size",
    size(512, 65_535),
    65_535,
    "Largest datagram. Default 65535.",
  ),
  udpSessionTimeoutMs: tunnels(
    "udp.session_timeout",
    duration("1s", "24h"),
    300_000,
    "Default 5m.",
  ),
  udpMaxSessions: tunnels("udp.max_sessions", whole(1, 100_000), 10_000, "Default 10000."),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Every setting with its value: what was given, else the default. */
export type SettingValues = {
  readonly [N in SettingName]:
    z.output<(typeof SETTINGS)[N]["value"]> | (typeof SETTINGS)[N]["fallback"];
};
