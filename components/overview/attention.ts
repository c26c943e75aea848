import type { DotTone } from "#components/ui/tone.ts";
import { formatMoment, formatRelative, plural } from "#components/lib/format.ts";
import { tunnelName } from "#components/tunnels/tunnel-name.ts";
import { serviceTroubleSentence } from "#components/tunnels/tunnel-trouble.ts";
import { directWords } from "#components/tunnels/tunnel-ways.ts";
import { STATUSES, tunnelStatus, type TunnelStatus } from "#components/tunnels/tunnel-words.ts";
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
    ...clusters.flatMap((cluster) => ofCluster(cluster, tunnels, now)),
    // A cluster that is offline is said once, not once more for each of its tunnels.
    ...tunnels
      .filter((tunnel) => !down.has(tunnel.clusterId))
      .flatMap((tunnel) => ofTunnel(tunnel, now)),
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

function ofCluster(cluster: ClusterDto, tunnels: readonly TunnelDto[], now: number): Attention[] {
  const base = { id: cluster.id, href: `/clusters/${cluster.id}` };
  switch (cluster.status) {
    case "connected":
      return [];
    case "offline": {
      const seen =
        cluster.lastSeenAt === null
          ? "It was not seen for a while."
          : `Last seen ${formatMoment(cluster.lastSeenAt, now)}, ${formatRelative(cluster.lastSeenAt, now)}.`;
      const detail = [seen, leftBehind(cluster, tunnels)].filter(Boolean).join(" ");
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

/** What becomes of the tunnels of a cluster that is offline. */
function leftBehind(cluster: ClusterDto, tunnels: readonly TunnelDto[]): string {
  const direct = tunnels.filter(
    (tunnel) => tunnel.clusterId === cluster.id && tunnelStatus(tunnel) === "served_directly",
  ).length;
  const cut = cluster.tunnels.total - direct;
  const served =
    direct === 0 ? "" : ` ${plural(direct, "tunnel")} ${isOrAre(direct)} served directly.`;
  if (cut <= 0) return served.trim();
  return `${direct === 0 ? "Its " : ""}${plural(cut, "tunnel")} cannot take new clients.${served}`;
}

const isOrAre = (count: number): string => (count === 1 ? "is" : "are");

const TROUBLED: Partial<Record<TunnelStatus, string>> = {
  unreachable: "is unreachable",
  degraded: "is degraded",
  served_directly: "is served directly, its agents are away",
  pending: "is pending",
};

function ofTunnel(tunnel: TunnelDto, now: number): Attention[] {
  const base = { id: tunnel.id, href: `/tunnels/${tunnel.id}` };
  const status = tunnelStatus(tunnel);
  const trouble = TROUBLED[status];
  const name = tunnelName(tunnel);
  const direct = directTrouble(tunnel, now);
  if (trouble !== undefined) {
    const why = tunnel.phaseReason ?? `On ${tunnel.clusterName}.`;
    return [
      {
        ...base,
        tone: STATUSES[status].tone,
        title: `${name} ${trouble}`,
        detail: direct === null ? why : `${why} ${direct}`,
      },
    ];
  }
  const service = serviceTroubleSentence(tunnel, now);
  if (service !== null) {
    return [
      {
        ...base,
        tone: "warning",
        title: `${name} does not reach its service`,
        detail: direct === null ? service : `${service} ${direct}`,
      },
    ];
  }
  if (status !== "active" || direct === null) return [];
  return [{ ...base, tone: "warning", title: `${name} is not served directly`, detail: direct }];
}

/** A first check takes a moment: until then an address that is not verified is no news. */
const FIRST_CHECK_MS = 30_000;

/** Why a direct address that is wanted does not serve; null while it does, or has only begun. */
function directTrouble(tunnel: TunnelDto, now: number): string | null {
  const { direct, routingMode } = tunnel;
  if (direct === null || routingMode.desired === "tunnel" || direct.state === "verified") {
    return null;
  }
  const ageMs = now - new Date(direct.since).getTime();
  if (direct.state === "unverified" && ageMs < FIRST_CHECK_MS) return null;
  const since =
    direct.state === "unverified" ? ` Checked since ${formatMoment(direct.since, now)}.` : "";
  return `${directWords(tunnel, now)}${since} The tunnel carries the traffic.`;
}
