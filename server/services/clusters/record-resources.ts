import { ClusterResources } from "#protocol/control/cluster-resources.ts";
import { transaction } from "#server/db/db.ts";
import type { ServiceContext } from "#server/services/service-context.ts";

/**
 * Keeps the newest summary of what a cluster consists of. Several agents may send one, each over several links.
 *
 * @returns false when a newer one is stored, or the cluster is gone.
 */
export async function recordResources(
  deps: Pick<ServiceContext, "db" | "now" | "changes">,
  report: { readonly clusterId: string; readonly resources: ClusterResources },
): Promise<boolean> {
  const { clusterId, resources } = report;
  const isStored = await transaction(deps.db, async (tx) => {
    const cluster = await tx.cluster.findUnique({ where: { id: clusterId } });
    if (cluster === null) return false;
    const known = parseResources(cluster.resources);
    if (known !== null && !isNewer(resources, known, deps.now())) return false;
    await tx.cluster.update({
      where: { id: clusterId },
      data: { resources: JSON.stringify(resources) },
    });
    return true;
  });
  if (isStored) deps.changes.publish({ kind: "cluster", id: clusterId });
  return isStored;
}

/** Null for none, and for what another version wrote: the agents send it again. */
export function parseResources(stored: string | null): ClusterResources | null {
  if (stored === null) return null;
  const parsed = ClusterResources.safeParse(JSON.parse(stored));
  return parsed.success ? parsed.data : null;
}

/** Agents' clocks differ: a summary from the future must not shut out those of the others. */
function isNewer(report: ClusterResources, known: ClusterResources, now: Date): boolean {
  const knownAtMs = Date.parse(known.at);
  if (knownAtMs > now.getTime()) return report.at !== known.at;
  return Date.parse(report.at) > knownAtMs;
}
