import type { Queries } from "#server/db/db.ts";
import { parseHostnames } from "./name-claims.ts";

/** An HTTP tunnel that came, went, or asks for other names than before. */
export interface NameMove {
  readonly gatewayPort: GatewayPort;
  /** Those it asked for and those it asks for now. */
  readonly hostnames: readonly string[];
}

interface GatewayPort {
  readonly clusterId: string;
  readonly namespace: string;
  readonly gateway: string;
  readonly port: number;
}

/** Tunnels of any cluster to whom names may lead, or no longer lead, because of these moves. */
export async function findAffected(
  db: Queries,
  moves: readonly NameMove[],
): Promise<readonly { readonly id: string; readonly clusterId: string }[]> {
  if (moves.length === 0) return [];
  const names = new Set(moves.flatMap(({ hostnames }) => hostnames));
  const ports = new Set(moves.map(({ gatewayPort }) => keyOf(gatewayPort)));
  const rows = await db.tunnel.findMany({
    where: { protocol: "http" },
    select: {
      id: true,
      clusterId: true,
      namespace: true,
      gateway: true,
      port: true,
      hostnames: true,
    },
  });
  return rows
    .filter(
      (row) => ports.has(keyOf(row)) || parseHostnames(row.hostnames).some((n) => names.has(n)),
    )
    .map(({ id, clusterId }) => ({ id, clusterId }));
}

function keyOf({ clusterId, namespace, gateway, port }: GatewayPort): string {
  return `${clusterId} ${namespace} ${gateway} ${port}`;
}
