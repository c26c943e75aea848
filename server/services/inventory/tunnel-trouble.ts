import type { LiveState } from "#server/services/live-state.ts";
import { listenTrouble } from "#server/services/live/listen-trouble.ts";
import type { TunnelSpec } from "#server/services/tunnels/tunnel-spec.ts";

/**
 * Says why a published tunnel does not work, in plain words; null while it does.
 *
 * Reads remote signals and fails open: while no relay has spoken, nothing is held against a tunnel.
 */
export function troubleOf(
  live: Pick<LiveState, "relays">,
  about: {
    /** Null for a tunnel that is not stored yet. */
    readonly tunnelId: string | null;
    readonly cluster: { readonly id: string; readonly name: string };
  },
  spec: TunnelSpec,
): string | null {
  const links = live.relays.linksOfCluster(about.cluster.id);
  if (links.length === 0) return `No agent of ${about.cluster.name} is connected.`;
  const serving = new Set(spec.reportedBy);
  if (!links.some((link) => serving.has(link.agentId))) {
    return "No agent that can serve it is connected.";
  }
  return listenTrouble(live, about.tunnelId ?? "") ?? backendTrouble(spec);
}

function backendTrouble({ backends }: TunnelSpec): string | null {
  if (backends.length === 0 || backends.some(({ ready }) => ready)) return null;
  const reason = backends.find((backend) => backend.reason !== null)?.reason ?? null;
  return reason === null ? "No backend is ready." : `No backend is ready: ${reason}`;
}
