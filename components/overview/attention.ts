import type { DotTone } from "#components/ui/tone.ts";
import { formatMoment, formatRelative, plural } from "#components/lib/format.ts";
import { tunnelName } from "#components/tunnels/tunnel-name.ts";
import type { ClusterDto } from "#protocol/api/clusters.ts";
import type { SettingsDto } from "#protocol/api/settings.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

/** Something an operator should look at. */
export interface Attention {
  readonly id: string;
  readonly tone: DotTone;
  readonly title: string;
  /** Why, and what it means. */
  readonly detail: string;
  readonly href: string;
}

interface AttentionInput {
  readonly clusters: readonly ClusterDto[];
  readonly tunnels: readonly TunnelDto[];
  readonly relays: SettingsDto["relays"];
  readonly now: number;
}

/** What needs somebody, the worst first. */
export function findAttention({ clusters, tunnels, relays, now }: AttentionInput): Attention[] {
  const down = new Set(clusters.filter(({ status }) => status === "offline").map(({ id }) => id));
  return [
    ...relays.filter(({ status }) => status === "lost").map(lostRelay),
    ...clusters.flatMap((cluster) => ofCluster(cluster, now)),
    // A cluster that is offline is said once, not once more for each of its tunnels.
    ...tunnels.filter((tunnel) => !down.has(tunnel.clusterId)).flatMap(ofTunnel),
  ].sort((a, b) => weight(a.tone) - weight(b.tone));
}

const weight = (tone: DotTone): number => (tone === "danger" ? 0 : tone === "warning" ? 1 : 2);

function lostRelay({ id }: SettingsDto["relays"][number]): Attention {
  return {
    id,
    tone: "danger",
    title: `Relay ${id} is away`,
    detail: "Its endpoints answer again as soon as it has restarted.",
    href: "/settings",
  };
}

function ofCluster(cluster: ClusterDto, now: number): Attention[] {
  const base = { id: cluster.id, href: `/clusters/${cluster.id}` };
  switch (cluster.status) {
    case "connected":
      return [];
    case "offline": {
      const seen =
        cluster.lastSeenAt === null
          ? "It was not seen for a while."
          : `Last seen ${formatMoment(cluster.lastSeenAt, now)}, ${formatRelative(cluster.lastSeenAt, now)}.`;
      const tunnels = plural(cluster.tunnels.total, "tunnel");
      const detail =
        cluster.tunnels.total === 0 ? seen : `${seen} Its ${tunnels} cannot take new clients.`;
      return [{ ...base, tone: "danger", title: `${cluster.name} is offline`, detail }];
    }
    case "degraded":
      return [
        {
          ...base,
          tone: "warning",
          title: `${cluster.name} is degraded`,
          detail: `${cluster.agents.connected} of ${plural(cluster.agents.total, "agent")} connected. New connections go to those.`,
        },
      ];
    case "waiting":
      return [
        {
          ...base,
          tone: "off",
          title: `${cluster.name} waits for its agent`,
          detail: "No agent has connected yet.",
        },
      ];
  }
}

function ofTunnel(tunnel: TunnelDto): Attention[] {
  if (!tunnel.enabled) return [];
  const base = { id: tunnel.id, href: `/tunnels/${tunnel.id}` };
  const name = tunnelName(tunnel);
  if (tunnel.phase === "degraded") {
    return [
      {
        ...base,
        tone: "warning",
        title: `${name} is degraded`,
        detail: tunnel.phaseReason ?? `On ${tunnel.clusterName}.`,
      },
    ];
  }
  if (tunnel.phase === "pending") {
    return [
      {
        ...base,
        tone: "off",
        title: `${name} is pending`,
        detail: tunnel.phaseReason ?? `On ${tunnel.clusterName}.`,
      },
    ];
  }
  return [];
}
