import type { TunnelProtocol } from "#protocol/api/tunnels.ts";
import type { AgentConfig } from "../config/config.ts";
import type { Log } from "../log.ts";
import type { DiscoverySource } from "./discovery.ts";
import { ExposeSource } from "./expose/expose-source.ts";
import { FilesSource } from "./files/files-source.ts";
import type { DiscoveryApi } from "./kubernetes/api-client.ts";
import { createKubernetesTimes } from "./kubernetes/kubernetes-times.ts";
import { KubernetesSource, type KubernetesSourceOptions } from "./kubernetes/kubernetes-source.ts";

const RESCAN_INTERVAL_MS = 5_000;

export interface CreateSourcesOptions {
  readonly config: AgentConfig;
  /** Null where the configuration names no cluster. */
  readonly api: DiscoveryApi | null;
  readonly random: () => number;
  readonly log: Log;
  readonly onEvent: KubernetesSourceOptions["onEvent"];
}

/** Everywhere the configuration says to look. */
export function createSources(options: CreateSourcesOptions): readonly DiscoverySource[] {
  const { config, api, random, log } = options;
  const { tunnels, manifestFolder, exposes } = config;
  if (!tunnels.isEnabled) return [];
  const protocols = new Set<TunnelProtocol>(["http", "tls"]);
  if (tunnels.discovery.tcp) protocols.add("tcp");
  if (tunnels.discovery.udp) protocols.add("udp");
  const rules = {
    managedLabels: tunnels.discovery.managedLabels,
    protocols,
    defaultIdleTimeoutMs: tunnels.tcp.idleTimeoutMs,
  };
  const sources: DiscoverySource[] = [];
  if (manifestFolder !== null) {
    sources.push(
      new FilesSource({
        folder: manifestFolder,
        rescanIntervalMs: RESCAN_INTERVAL_MS,
        onError: (error) => log.error("Discovery failed", { error: String(error) }),
        rules: { ...rules, isLenient: true },
      }),
    );
  }
  if (api !== null) {
    const namespaces = config.kubernetes?.namespaces ?? null;
    const times = createKubernetesTimes(random);
    sources.push(
      new KubernetesSource({
        api,
        namespaces,
        rules,
        times,
        random,
        log,
        onEvent: options.onEvent,
      }),
    );
  }
  if (exposes.length > 0) sources.push(new ExposeSource(exposes, tunnels.tcp.idleTimeoutMs));
  return sources;
}
