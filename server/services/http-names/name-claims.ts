import { z } from "zod";
import type { Queries } from "#server/db/db.ts";
import type { Prisma } from "#server/db/generated/sqlite/client.ts";
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

interface ReservingInstallation {
  readonly edge: { readonly domain: string };
  readonly publicUrl: string;
}

/** Names that are ours, whoever asks for them. */
export function reservedNames({ edge, publicUrl }: ReservingInstallation): ReservedNames {
  return { edgeDomain: edge.domain, publicHost: new URL(publicUrl).hostname };
}

/** Looks at every HTTP tunnel: whose a name is depends on all who ask for it. */
export async function loadHostNames(db: Queries, reserved: ReservedNames): Promise<HostNames> {
  const rows = await db.tunnel.findMany({ where: { protocol: "http" }, select: CLAIM_COLUMNS });
  return assignHostNames(rows.map(toClaim), reserved);
}
