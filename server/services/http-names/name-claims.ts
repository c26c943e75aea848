import { z } from "zod";
import type { Queries } from "#server/db/db.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
import type { Installation } from "#server/services/service-context.ts";
import {
  assignHostNames,
  type HostNames,
  type NameClaim,
  type ReservedNames,
} from "./assign-host-names.ts";

/** What a claim follows from: small columns, because every HTTP tunnel is looked at to judge one. */
const CLAIM_COLUMNS = {
  id: true,
  clusterId: true,
  cluster: { select: { name: true } },
  namespace: true,
  gateway: true,
  port: true,
  hostname: true,
  hostnames: true,
  phase: true,
  createdAt: true,
} as const;

type ClaimRow = Prisma.TunnelGetPayload<{ select: typeof CLAIM_COLUMNS }>;

const Hostnames = z.array(z.string());

export function parseHostnames(text: string | null): string[] {
  return text === null ? [] : Hostnames.parse(JSON.parse(text));
}

function toClaim(row: ClaimRow): NameClaim {
  return {
    tunnelId: row.id,
    clusterId: row.clusterId,
    clusterName: row.cluster.name,
    namespace: row.namespace,
    gateway: row.gateway,
    port: row.port,
    listenerHostname: row.hostname === "" ? null : row.hostname,
    createdAt: row.createdAt,
    isPublished: row.phase !== "pending",
    hostnames: parseHostnames(row.hostnames),
  };
}

export function reservedNames({
  edge,
  publicUrl,
}: Pick<Installation, "edge" | "publicUrl">): ReservedNames {
  return { edgeDomain: edge.domain, publicHost: new URL(publicUrl).hostname };
}

/** Whose the host names of these tunnels are. @param rows every HTTP tunnel. */
export function hostNamesOf(
  installation: Pick<Installation, "edge" | "publicUrl">,
  rows: readonly ClaimRow[],
): HostNames {
  return assignHostNames(rows.map(toClaim), reservedNames(installation));
}

/** Loads every HTTP tunnel's claims: whose a name is depends on all who ask for it. */
export async function loadHostNames(
  installation: Pick<Installation, "edge" | "publicUrl">,
  db: Queries,
): Promise<HostNames> {
  const rows = await db.tunnel.findMany({ where: { protocol: "http" }, select: CLAIM_COLUMNS });
  return hostNamesOf(installation, rows);
}
