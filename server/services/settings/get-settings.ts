import { SettingsDto } from "#protocol/api/settings.ts";
import { requireRole, type Actor } from "#server/services/actor.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { toForcedBy } from "#server/services/tunnels/tunnel-view.ts";
import { findFleetForce } from "./fleet-force.ts";

export type SettingsDeps = Pick<ServiceContext, "db" | "live" | "installation">;

/** The fleet's settings, and what this installation is. */
export async function getSettings(deps: SettingsDeps, actor: Actor): Promise<SettingsDto> {
  requireRole(actor, "viewer");
  const { db, live, installation } = deps;
  const [force, clusters, tunnels, leased] = await Promise.all([
    findFleetForce(db),
    db.cluster.count(),
    db.tunnel.count(),
    db.portLease.count(),
  ]);
  return SettingsDto.parse({
    forceTunnel: force !== null,
    forcedBy: toForcedBy(force?.setBy ?? null, force?.setAt ?? null),
    impact: { clusters, tunnels, connectionsOpen: live.connections.count({}) },
    relayHost: installation.relayHost,
    relayPorts: { ...installation.relayPorts, leased },
    edge: { ...installation.edge, ...live.relays.edgeState(installation.edge.port) },
    publicUrl: installation.publicUrl,
    agentImage: installation.agentImage,
    version: installation.version,
    database: installation.database,
    startedAt: installation.startedAt.toISOString(),
    relays: live.relays.list().map((relay) => ({
      id: relay.hello.relayId,
      status: relay.status,
      startedAt: new Date(relay.hello.startedAt).toISOString(),
      restarts: relay.restarts,
      agentLinks: relay.links.size,
      connectionsOpen: live.connections.countOfRelay(relay.hello.relayId),
      memoryBytes: relay.memoryBytes,
    })),
    warnings: installation.warnings,
  });
}
