import type { Prisma } from "#server/db/generated/sqlite/client.ts";

/** What every reader of tunnels loads with them. */
export const WITH_CLUSTER_AND_LEASE = { cluster: true, lease: true } as const;

export type TunnelRow = Prisma.TunnelGetPayload<{ include: typeof WITH_CLUSTER_AND_LEASE }>;
