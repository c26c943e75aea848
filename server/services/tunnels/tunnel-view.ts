import type { z } from "zod";
import {
  TunnelDto,
  TunnelPhase,
  TunnelProtocol,
  type DirectStatusDto,
} from "#protocol/api/tunnels.ts";
import type { Queries } from "#server/db/db.ts";
import type { HostNames } from "#server/services/http-names/assign-host-names.ts";
import type { LiveState } from "#server/services/live-state.ts";
import type { DirectReach } from "#server/services/routing/direct-reach.ts";
import { isForced } from "#server/services/routing/decide-mode.ts";
import { explainDecision } from "#server/services/routing/explain-decision.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { findFleetForce } from "#server/services/settings/fleet-force.ts";
import { endpointsOf } from "./tunnel-endpoints.ts";
import { httpOf } from "./tunnel-http.ts";
import { policyOf } from "./tunnel-policy.ts";
import { decideTunnelMode, type RoutingSurroundings } from "./tunnel-routing.ts";
import type { TunnelRow } from "./tunnel-row.ts";
import { parseTunnelSpec, type TunnelSpec } from "./tunnel-spec.ts";

export type ViewDeps = Pick<ServiceContext, "db" | "now" | "live" | "installation" | "hostNames">;

const NO_DATAGRAMS = { in: 0, out: 0, dropped: 0 };

/** A failure older than this says nothing about now, milliseconds. */
const LAST_ERROR_MAX_AGE_MS = 3_600_000;

/** Loads once what the decision about any number of tunnels needs. */
export async function loadSurroundings(
  deps: Pick<ServiceContext, "now" | "installation" | "live">,
  db: Queries,
  clusterIds: readonly string[],
): Promise<RoutingSurroundings> {
  const agents = await db.agent.findMany({
    where: {
      clusterId: { in: [...new Set(clusterIds)] },
      OR: [{ forceTunnelMode: true }, { dualModeEnabled: true }],
    },
    select: { id: true, name: true, forceTunnelMode: true, dualModeEnabled: true },
  });
  return {
    fleetForce: await findFleetForce(db),
    agents: new Map(agents.map((agent) => [agent.id, agent])),
    directCidrs: deps.installation.directCidrs,
    now: deps.now(),
    live: deps.live,
  };
}

/** Turns rows into what the API shows, with a few queries however many rows there are. */
export async function viewTunnels(
  deps: ViewDeps,
  rows: readonly TunnelRow[],
): Promise<TunnelDto[]> {
  const around = await loadSurroundings(
    deps,
    deps.db,
    rows.map((row) => row.clusterId),
  );
  const hostNames = await deps.hostNames.load(deps.db);
  const agentNames = connectedAgentNames(deps.live);
  return rows.map((row) => viewTunnel(deps, row, { around, hostNames, agentNames }));
}

interface ViewSurroundings {
  readonly around: RoutingSurroundings;
  readonly hostNames: HostNames;
  /** Of agents that have a link now, by id. */
  readonly agentNames: ReadonlyMap<string, string>;
}

function viewTunnel(
  deps: ViewDeps,
  row: TunnelRow,
  { around, hostNames, agentNames }: ViewSurroundings,
): TunnelDto {
  const spec = parseTunnelSpec(row.spec);
  const names = hostNames.of(row.id);
  const routing = decideTunnelMode(row, spec, around);
  const totals = deps.live.counters.totalsOf(row.id);
  const lastError = deps.live.outcomes.lastErrorOf(row.id);
  const isRecent =
    lastError !== null && around.now.getTime() - lastError.at < LAST_ERROR_MAX_AGE_MS;
  return toTunnelDto({
    ...identityOf(row, spec),
    phase: TunnelPhase.parse(row.phase),
    phaseReason: row.phaseReason,
    enabled: row.enabled,
    forceTunnel: row.forcedBy !== null,
    forcedBy: toForcedBy(row.forcedBy, row.forcedAt),
    chosenMode: row.chosenMode,
    routingMode: {
      desired: routing.desired,
      effective: routing.effective,
      reason: explainDecision(routing, routing.direct),
      forced: isForced(routing),
    },
    endpoints: endpointsOf(deps, row, { routing, hostNames: names }),
    direct: directOf(routing.direct),
    policy: policyOf(row, spec),
    connections: {
      open: deps.live.openCountOf(row.id),
      total: totals.opened,
    },
    bytes: { in: totals.bytesIn, out: totals.bytesOut },
    datagrams:
      row.protocol === "udp" ? (deps.live.counters.datagramsOf(row.id) ?? NO_DATAGRAMS) : null,
    http: row.protocol === "http" ? httpOf(deps, row, names) : null,
    agents: [...new Set(spec.reportedBy.flatMap((id) => agentNames.get(id) ?? []))].sort(),
    lastError: isRecent ? { ...lastError, at: new Date(lastError.at).toISOString() } : null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  });
}

function identityOf(row: TunnelRow, spec: TunnelSpec) {
  return {
    id: row.id,
    clusterId: row.clusterId,
    clusterName: row.cluster.name,
    protocol: TunnelProtocol.parse(row.protocol),
    gateway: { namespace: row.namespace, name: row.gateway },
    listener: {
      name: spec.listener,
      port: row.port,
      hostnames: row.hostname === "" ? [] : [row.hostname],
    },
    backends: spec.backends.map(({ namespace, name, port, weight, ready }) => ({
      namespace,
      name,
      port,
      weight,
      ready,
    })),
  };
}

function directOf(direct: DirectReach | null): z.input<typeof DirectStatusDto> | null {
  return direct === null ? null : { ...direct, since: new Date(direct.since).toISOString() };
}

/** Names of agents that have a link now, by id. */
function connectedAgentNames(live: LiveState): ReadonlyMap<string, string> {
  return new Map(live.relays.links().map((link) => [link.agentId, link.agentName]));
}

export function toForcedBy(setBy: string | null, setAt: Date | null) {
  return setBy === null || setAt === null ? null : { setBy, setAt: setAt.toISOString() };
}

// Ids and enumerations are stored as text: the contract's own schema checks and brands them.
function toTunnelDto(dto: { readonly [K in keyof TunnelDto]: unknown }): TunnelDto {
  return TunnelDto.parse(dto);
}
