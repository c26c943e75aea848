import type { DotTone } from "#components/ui/tone.ts";
import type { AgentDto, ClusterStatus } from "#protocol/api/clusters.ts";
import type { ClusterType } from "#protocol/api/routing.ts";

interface StatusLook {
  readonly tone: DotTone;
  readonly word: string;
}

export const CLUSTER_STATUS: Record<ClusterStatus, StatusLook> = {
  waiting: { tone: "off", word: "Waiting" },
  connected: { tone: "success", word: "Connected" },
  degraded: { tone: "warning", word: "Degraded" },
  offline: { tone: "danger", word: "Offline" },
};

export const AGENT_STATUS: Record<AgentDto["status"], StatusLook> = {
  connected: { tone: "success", word: "Connected" },
  draining: { tone: "warning", word: "Draining" },
  offline: { tone: "danger", word: "Offline" },
};

export const CLUSTER_TYPE: Record<ClusterType, string> = {
  public: "Public",
  private: "Private",
  unknown: "Not known yet",
};

const DISCOVERY: Readonly<Record<string, string>> = {
  kubernetes: "Kubernetes",
  files: "Manifest files",
  expose: "Plain host",
};

/** How a cluster's agents find what to publish, in words. */
export function discoveryWord(discovery: string | null): string | null {
  return discovery === null ? null : (DISCOVERY[discovery] ?? discovery);
}
