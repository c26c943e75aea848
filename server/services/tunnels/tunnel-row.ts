import type { Prisma } from "#server/db/generated/sqlite/client.ts";

/** What every reader of tunnels loads with them. */
export const WITH_CLUSTER_AND_LEASE = { cluster: true, lease: true } as const;

/** Tunnels that relays are told of: they have a port, or are found by host name on the edge's. */
export const SERVED = { OR: [{ lease: { isNot: null } }, { protocol: "http" }] };

export type TunnelRow = Prisma.TunnelGetPayload<{ include: typeof WITH_CLUSTER_AND_LEASE }>;
