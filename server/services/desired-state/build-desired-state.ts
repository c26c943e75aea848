import { z } from "zod";
import { ListenerKey } from "#protocol/control/inventory.ts";
import { DesiredState, DesiredTunnel, type DesiredHttp } from "#protocol/relay/desired-state.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import type { HostNames } from "#server/services/http-names/assign-host-names.ts";
import { edgeAddress, ownName } from "#server/services/http-names/own-name.ts";
import type { Installation, ServiceContext } from "#server/services/service-context.ts";
import { policyOf } from "#server/services/tunnels/tunnel-policy.ts";
import { decideTunnelMode, type TunnelRouting } from "#server/services/tunnels/tunnel-routing.ts";
import {
  SERVED,
  WITH_CLUSTER_AND_LEASE,
  type TunnelRow,
} from "#server/services/tunnels/tunnel-row.ts";
import { SpecBook } from "#server/services/tunnels/spec-book.ts";
import type { TunnelSpec } from "#server/services/tunnels/tunnel-spec.ts";
import { loadSurroundings } from "#server/services/tunnels/tunnel-view.ts";

/**
 * Everything relay processes should serve, from what is stored and what relays see of direct addresses: the same facts
 * always give the same state, in the same order.
 *
 * @param specs what was read for the build before, so that only what changed is parsed again.
 */
export async function buildDesiredState(
  deps: Pick<ServiceContext, "db" | "now" | "installation" | "live" | "hostNames">,
  specs = new SpecBook(),
): Promise<DesiredState> {
  const now = deps.now();
  const [clusters, tokens, tunnels] = await Promise.all([
    deps.db.cluster.findMany({ select: { id: true, name: true }, orderBy: { id: "asc" } }),
    deps.db.agentToken.findMany({
      where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
      orderBy: { id: "asc" },
    }),
    deps.db.tunnel.findMany({
      where: SERVED,
      include: WITH_CLUSTER_AND_LEASE,
      orderBy: { id: "asc" },
    }),
  ]);
  const around = await loadSurroundings(
    deps,
    deps.db,
    clusters.map(({ id }) => id),
  );
  const hostNames = await deps.hostNames.load(deps.db);
  const specOf = specs.parse(tunnels);
  const state = WithoutHttp.parse({
    clusters,
    tokens: tokens.map((token) => ({
      tokenId: token.id,
      clusterId: token.clusterId,
      sha256: token.hash,
      expiresAt: token.expiresAt?.getTime() ?? null,
    })),
    tunnels: tunnels.map((row) => {
      const spec = specOf(row);
      const routing = decideTunnelMode(row, spec, around);
      const state = stateOf(row);
      return {
        id: row.id,
        clusterId: row.clusterId,
        target: ListenerKey.parse({ ...row, hostname: row.hostname === "" ? null : row.hostname }),
        relayPort: row.lease?.port ?? null,
        state,
        mode: routing.desired,
        direct: routing.desired === "tunnel" ? [] : routing.targets,
        endpoints: state === "open" ? endpointsOf(deps, row, routing) : [],
        policy: policyOf(row, spec),
      };
    }),
  });
  return {
    ...state,
    tunnels: state.tunnels.map((tunnel, i) => {
      const row = tunnels[i];
      return row?.protocol === "http"
        ? { ...tunnel, http: httpOf(deps.installation, row, specOf(row), hostNames) }
        : tunnel;
    }),
  };
}

/** Routing is large and was checked when it was read: it is put in as it is, so that what did not change stays the same object. */
const WithoutHttp = DesiredState.extend({ tunnels: z.array(DesiredTunnel.omit({ http: true })) });

function stateOf(row: TunnelRow): DesiredTunnel["state"] {
  if (!row.enabled) return "disabled";
  return row.phase === "closing" || row.phase === "pending" ? "stopped" : "open";
}

/** Nothing is known of its routes, so nothing of it leads anywhere. */
const NO_ROUTING = { isThroughGateway: false, isTls: false, rules: [] };

function httpOf(
  { edge }: Installation,
  row: TunnelRow,
  spec: TunnelSpec,
  hostNames: HostNames,
): DesiredHttp {
  return {
    ownName: ownName(row, edge),
    hostnames: hostNames
      .of(row.id)
      .filter(({ problem }) => problem === null)
      .map(({ name }) => name),
    routing: spec.http ?? NO_ROUTING,
    allowedOrigins: policyOf(row, spec).allowedOrigins,
  };
}

/**
 * Those in force, where something listens: what an agent writes into its cluster is what clients will use. Of an HTTP
 * tunnel its own name alone: DNS controllers make it what the routes' host names point to, and those would then point to
 * themselves.
 */
function endpointsOf(
  { live, installation: { relayHost, edge } }: Pick<ServiceContext, "live" | "installation">,
  row: TunnelRow,
  { effective, direct }: TunnelRouting,
): DesiredTunnel["endpoints"] {
  const endpoints: DesiredTunnel["endpoints"] = [];
  const isEntered = effective !== "direct" && live.relays.listenFailureOf(row.id) === null;
  if (isEntered && row.protocol === "http") {
    endpoints.push({ kind: "edge", address: edgeAddress(ownName(row, edge), edge) });
  }
  if (isEntered && row.lease !== null) {
    endpoints.push({ kind: "relay", address: toEndpoint(relayHost, row.lease.port) });
  }
  if (effective !== "tunnel" && direct !== null) {
    endpoints.push({ kind: "direct", address: direct.address });
  }
  return endpoints;
}
