import type { Tx } from "#server/db/db.ts";
import { SYSTEM_ACTOR } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { Change } from "#server/services/changes.ts";
import type { LiveLink } from "#server/services/live/live-relays.ts";
import { isPublicAddress } from "#server/services/routing/public-address.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { TypeFacts } from "#server/services/clusters/cluster-type.ts";
import type { ClusterRow } from "#server/services/clusters/cluster-view.ts";
import type { StoredSnapshot } from "./load-snapshots.ts";

interface Seen {
  readonly deps: Pick<ServiceContext, "installation">;
  /** Null: nobody who could know is connected. */
  readonly current: readonly StoredSnapshot[] | null;
  readonly links: readonly LiveLink[];
  readonly at: Date;
}

/** Stores what is known of the cluster itself: how it discovers, its version, whether anybody is connected. */
export async function updateClusterFacts(
  tx: Tx,
  cluster: ClusterRow,
  { deps, current, links, at }: Seen,
): Promise<TypeFacts & { readonly changes: readonly Change[] }> {
  const isConnected = links.length > 0;
  const discovered = discoveredFacts(cluster, current, deps.installation.directCidrs, at);
  const facts = { isConnected, ...discovered };
  const isSame =
    facts.isConnected === cluster.isConnected &&
    facts.discovery === cluster.discovery &&
    facts.kubernetesVersion === cluster.kubernetesVersion &&
    facts.addresslessSince?.getTime() === cluster.addresslessSince?.getTime();
  if (isSame) return { ...discovered, changes: [] };
  const lastSeen = Math.max(cluster.lastSeenAt?.getTime() ?? 0, ...links.map((l) => l.lastSeenAt));
  await tx.cluster.update({
    where: { id: cluster.id },
    data: { ...facts, lastSeenAt: lastSeen === 0 ? null : new Date(lastSeen) },
  });
  const changes: Change[] = [{ kind: "cluster", id: cluster.id }];
  if (isConnected !== cluster.isConnected) {
    changes.push(
      await appendAudit(tx, {
        actor: SYSTEM_ACTOR,
        at,
        action: isConnected ? "cluster.connected" : "cluster.offline",
        object: { kind: "cluster", id: cluster.id, name: cluster.name },
        after: { agents: [...new Set(links.map((link) => link.agentName))] },
      }),
    );
  }
  return { ...discovered, changes };
}

function discoveredFacts(
  cluster: ClusterRow,
  current: readonly StoredSnapshot[] | null,
  directCidrs: readonly string[],
  at: Date,
) {
  const newest = current?.reduce((a, b) => (a.receivedAt > b.receivedAt ? a : b));
  if (current === null || newest === undefined) {
    const { discovery, kubernetesVersion, addresslessSince } = cluster;
    return { discovery, kubernetesVersion, addresslessSince };
  }
  const addresses = current.flatMap(({ inventory }) => [
    ...inventory.loadBalancers,
    ...inventory.gateways.flatMap((gateway) => gateway.addresses),
  ]);
  const isPublic = addresses.some((address) => isPublicAddress(address, directCidrs));
  return {
    discovery: newest.inventory.source,
    kubernetesVersion: newest.inventory.kubernetesVersion,
    addresslessSince: isPublic ? null : (cluster.addresslessSince ?? at),
  };
}
