import type { Queries } from "#server/db/db.ts";
import { parseHostnames } from "./name-claims.ts";

/** Columns that say which names a tunnel asks for, and beside whom. */
export const NAME_COLUMNS = {
  clusterId: true,
  namespace: true,
  gateway: true,
  port: true,
  hostnames: true,
} as const;

/** A tunnel that came or went, or one as it was before it asked for other names, or as it is since. */
export interface NameMove {
  readonly clusterId: string;
  readonly namespace: string;
  readonly gateway: string;
  readonly port: number;
  /** As stored: null of tunnels that have no host names. */
  readonly hostnames: string | null;
}

/** Tunnels of any cluster to whom names may lead, or no longer lead, because of these moves. */
export async function findAffected(
  db: Queries,
  moves: readonly NameMove[],
): Promise<readonly { readonly id: string; readonly clusterId: string }[]> {
  const moved = moves.filter(({ hostnames }) => hostnames !== null);
  if (moved.length === 0) return [];
  const names = new Set(moved.flatMap(({ hostnames }) => parseHostnames(hostnames)));
  const listeners = new Set(moved.map(gatewayPort));
  const rows = await db.tunnel.findMany({
    where: { protocol: "http" },
    select: { id: true, ...NAME_COLUMNS },
  });
  return rows
    .filter(
      (row) =>
        listeners.has(gatewayPort(row)) ||
        parseHostnames(row.hostnames).some((name) => names.has(name)),
    )
    .map(({ id, clusterId }) => ({ id, clusterId }));
}

function gatewayPort({ clusterId, namespace, gateway, port }: NameMove): string {
  return `${clusterId} ${namespace} ${gateway} ${port}`;
}
