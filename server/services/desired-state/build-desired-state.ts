import { ListenerKey } from "#protocol/control/inventory.ts";
import { DesiredState, type DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { policyOf } from "#server/services/tunnels/tunnel-policy.ts";
import { decideTunnelMode } from "#server/services/tunnels/tunnel-routing.ts";
import { WITH_CLUSTER_AND_LEASE, type TunnelRow } from "#server/services/tunnels/tunnel-row.ts";
import { parseTunnelSpec } from "#server/services/tunnels/tunnel-spec.ts";
import { loadSurroundings } from "#server/services/tunnels/tunnel-view.ts";

/**
 * Everything relay processes should serve, from what is stored: the same rows always give the same state, in the
 * same order.
 */
export async function buildDesiredState(
  deps: Pick<ServiceContext, "db" | "now" | "installation">,
): Promise<DesiredState> {
  const now = deps.now();
  const [clusters, tokens, tunnels] = await Promise.all([
    deps.db.cluster.findMany({ select: { id: true, name: true }, orderBy: { id: "asc" } }),
    deps.db.agentToken.findMany({
      where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
      orderBy: { id: "asc" },
    }),
    deps.db.tunnel.findMany({
      where: { lease: { isNot: null } },
      include: WITH_CLUSTER_AND_LEASE,
      orderBy: { id: "asc" },
    }),
  ]);
  const around = await loadSurroundings(
    deps,
    deps.db,
    clusters.map(({ id }) => id),
  );
  return DesiredState.parse({
    clusters,
    tokens: tokens.map((token) => ({
      tokenId: token.id,
      clusterId: token.clusterId,
      sha256: token.hash,
      expiresAt: token.expiresAt?.getTime() ?? null,
    })),
    tunnels: tunnels.map((row) => {
      const spec = parseTunnelSpec(row.spec);
      const { desired, effective } = decideTunnelMode(row, spec, around);
      return {
        id: row.id,
        clusterId: row.clusterId,
        target: ListenerKey.parse({ ...row, hostname: row.hostname === "" ? null : row.hostname }),
        relayPort: row.lease?.port,
        state: stateOf(row, effective),
        mode: desired,
        direct: [],
        endpoints: [],
        policy: policyOf(row, spec),
      };
    }),
  });
}

function stateOf(row: TunnelRow, effective: RoutingMode): DesiredTunnel["state"] {
  if (!row.enabled) return "disabled";
  if (row.phase === "closing" || row.phase === "pending") return "stopped";
  return effective === "direct" ? "stopped" : "open";
}
