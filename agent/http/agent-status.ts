/** What the agent's own pages say of it. */
export interface AgentStatus {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly links: { readonly connected: number; readonly wanted: number };
  /** Why a link is missing, one sentence; null when nobody knows or none is. */
  readonly linkTrouble: string | null;
  /** Why discovery has not had its first complete look, one sentence each; null once it has. */
  readonly discoveryWaits: readonly string[] | null;
  readonly isDraining: boolean;
  readonly isEventLoopStuck: boolean;
  /** Why discovery makes no progress, one sentence; null while it works. */
  readonly discoveryStuck: string | null;
}

/** Why a restart would help; empty while the agent is alive. A server or a cluster that is away is no such reason. */
export function findStuck(status: AgentStatus): readonly string[] {
  const reasons: string[] = [];
  if (status.isEventLoopStuck) reasons.push("The agent is too busy to do anything in time.");
  if (status.discoveryStuck !== null) reasons.push(status.discoveryStuck);
  return reasons;
}

/** Why the agent carries no traffic now; empty when it is ready. */
export function findUnready(status: AgentStatus): readonly string[] {
  const reasons: string[] = [];
  if (status.isDraining) reasons.push("The agent is shutting down.");
  if (status.links.connected === 0) {
    reasons.push(status.linkTrouble ?? "No link to the server is up yet.");
  }
  reasons.push(...(status.discoveryWaits ?? []));
  return reasons;
}
