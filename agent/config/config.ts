import { MANAGED_LABELS } from "../discovery/rules/label-selector.ts";
import type { Expose } from "../discovery/expose/expose-source.ts";
import type { FeedbackKind } from "../feedback/feedback-kinds.ts";
import type { LogLevel } from "../log.ts";
import { findKubernetes, NO_CLUSTER, type KubernetesConfig } from "./find-kubernetes.ts";
import { parseExpose } from "./parse-expose.ts";
import { SETTINGS, type SettingName, type SettingValues } from "./settings.ts";
import { readConfigFile, type FileValues } from "./read-config-file.ts";

export interface AgentConfig {
  readonly url: URL;
  readonly token: string;
  readonly clusterName: string | null;
  readonly agentId: string;
  /** The folder of manifests; null when none is watched. */
  readonly manifestFolder: string | null;
  /** Null when the API server of no cluster is asked. */
  readonly kubernetes: KubernetesConfig | null;
  readonly exposes: readonly Expose[];
  /** What is written into the cluster; empty = nothing. */
  readonly feedback: readonly FeedbackKind[];
  /** 0 = off. */
  readonly httpPort: number;
  readonly log: { readonly level: LogLevel; readonly format: "text" | "json" };
  readonly tunnels: {
    readonly isEnabled: boolean;
    readonly forceTunnelMode: boolean;
    readonly dualModeEnabled: boolean;
    readonly discovery: {
      readonly tcp: boolean;
      readonly udp: boolean;
      readonly managedLabels: readonly string[];
    };
    readonly tcp: {
      readonly bufferSizeBytes: number;
      readonly isKeepAlive: boolean;
      readonly keepAlivePeriodMs: number;
      readonly connectionTimeoutMs: number;
      /** Null leaves it to the server. */
      readonly idleTimeoutMs: number | null;
      readonly maxConnections: number;
    };
    readonly udp: {
      readonly bufferSizeBytes: number;
      readonly sessionTimeoutMs: number;
      readonly maxSessions: number;
    };
  };
}

export interface AgentConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of the `--config` file; null without one. */
  readonly fileText: string | null;
  /** Values from the command line, which beat everything. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly exposes: readonly string[];
  readonly hostname: string;
  readonly isTerminal: boolean;
}

export type ParsedAgentConfig =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

const NOTHING_TO_WRITE_TO =
  "CULVERT_FEEDBACK needs a cluster to write into: --discovery kubernetes.";

/** Flags beat the environment, which beats the file. Reports every problem at once and prints no value but what was to be exposed. */
export function parseAgentConfig(input: AgentConfigInput): ParsedAgentConfig {
  const problems: string[] = [];
  const file = readConfigFile(input.fileText, problems);
  const wrong = new Set<SettingName>();
  const values = readValues(input, file, (name, problem) => {
    wrong.add(name);
    problems.push(problem);
  });
  const exposeTexts = [...file.exposes, ...input.exposes];
  const exposes = readExposes(exposeTexts, problems);
  const discovery = values.discovery ?? (exposeTexts.length > 0 ? "none" : "kubernetes");
  problems.push(...findMissing({ ...values, discovery }, wrong));
  const isAsked = discovery === "kubernetes" && !wrong.has("discovery");
  const kubernetes = isAsked ? readKubernetes(values, wrong, input, problems) : null;
  const { url, token } = values;
  if (problems.length > 0 || url === null || token === null) return { ok: false, problems };
  return {
    ok: true,
    config: {
      url: new URL(url),
      token,
      clusterName: values.clusterName,
      agentId: values.agentId ?? input.hostname,
      manifestFolder: discovery.startsWith("file:") ? discovery.slice("file:".length) : null,
      kubernetes,
      exposes,
      feedback: values.feedback,
      httpPort: values.agentPort,
      log: {
        level: values.logLevel,
        format: values.logFormat ?? (input.isTerminal ? "text" : "json"),
      },
      tunnels: toTunnels(values),
    },
  };
}

/** What nobody said. What was said wrongly is reported already. */
function findMissing(
  values: {
    readonly url: string | null;
    readonly token: string | null;
    readonly discovery: string;
    readonly feedback: readonly FeedbackKind[];
  },
  wrong: ReadonlySet<SettingName>,
): readonly string[] {
  const missing: string[] = [];
  if (values.url === null && !wrong.has("url")) {
    missing.push("Where is the server? Set CULVERT_URL or --url.");
  }
  if (values.token === null && !wrong.has("token")) {
    missing.push("An agent token is needed: set CULVERT_TOKEN or --token.");
  }
  if (values.feedback.length > 0 && values.discovery !== "kubernetes") {
    missing.push(NOTHING_TO_WRITE_TO);
  }
  return missing;
}

/** The first source that says anything about a setting decides it. */
function readValues(
  input: AgentConfigInput,
  file: FileValues,
  onProblem: (name: SettingName, problem: string) => void,
): SettingValues {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const { value, fallback } = SETTINGS[name];
    values[name] = fallback;
    const given = findGiven(name, input, file);
    if (given === null) continue;
    const parsed = value.safeParse(given.raw);
    if (parsed.success) values[name] = parsed.data;
    else onProblem(name, `${given.from} ${parsed.error.issues[0]?.message ?? "is wrong"}.`);
  }
  // Each value was parsed by the schema that its name stands for, or is that setting's default.
  return values as SettingValues;
}

interface Given {
  readonly raw: unknown;
  /** How an operator finds it again. */
  readonly from: string;
}

/** Empty texts in the environment say nothing. */
function findGiven(name: SettingName, input: AgentConfigInput, file: FileValues): Given | null {
  const { env, path } = SETTINGS[name];
  const flag = input.flags[name];
  if (flag !== undefined) return { raw: flag, from: `--${path.join("-").replaceAll("_", "-")}` };
  const variable = input.env[env];
  if (variable !== undefined && variable !== "") return { raw: variable, from: env };
  const raw = file.values.get(path.join("."));
  if (raw === undefined || raw === null) return null;
  return { raw, from: `${path.join(".")} in the configuration file` };
}

function readKubernetes(
  values: SettingValues,
  wrong: ReadonlySet<SettingName>,
  { env }: AgentConfigInput,
  problems: string[],
): KubernetesConfig | null {
  if (wrong.has("kubeconfig")) return null;
  const found = findKubernetes(values, env);
  if (found === null) problems.push(NO_CLUSTER);
  return found;
}

function readExposes(texts: readonly string[], problems: string[]): readonly Expose[] {
  const exposes = new Map<string, Expose>();
  for (const text of texts) {
    const parsed = parseExpose(text);
    if (typeof parsed === "string") problems.push(parsed);
    else if (exposes.has(parsed.name)) {
      problems.push(`--expose: the name ${parsed.name} is given twice.`);
    } else exposes.set(parsed.name, parsed);
  }
  return [...exposes.values()];
}

function toTunnels(values: SettingValues): AgentConfig["tunnels"] {
  const labels = [values.tcpGatewayLabel, values.udpGatewayLabel].filter((item) => item !== null);
  return {
    isEnabled: values.tunnelsEnabled,
    forceTunnelMode: values.forceTunnelMode,
    dualModeEnabled: values.dualModeEnabled,
    discovery: {
      tcp: values.discoverTcp,
      udp: values.discoverUdp,
      managedLabels: labels.length > 0 ? labels : [...MANAGED_LABELS],
    },
    tcp: {
      bufferSizeBytes: values.tcpBufferSizeBytes,
      isKeepAlive: values.tcpKeepalive,
      keepAlivePeriodMs: values.tcpKeepalivePeriodMs,
      connectionTimeoutMs: values.tcpConnectionTimeoutMs,
      idleTimeoutMs: values.tcpIdleTimeoutMs,
      maxConnections: values.tcpMaxConnections,
    },
    udp: {
      bufferSizeBytes: values.udpBufferSizeBytes,
      sessionTimeoutMs: values.udpSessionTimeoutMs,
      maxSessions: values.udpMaxSessions,
    },
  };
}
