import type { ClusterType } from "#protocol/api/routing.ts";

/** A cluster whose inventory names no public address for this long is private, milliseconds. */
export const PRIVATE_AFTER_MS = 120_000;

export interface TypeFacts {
  /** Null before the first inventory. */
  readonly discovery: string | null;
  /** Null while the inventory names a public address. */
  readonly addresslessSince: Date | null;
}

/** `unknown` before the first inventory, and until enough time has passed without a public address. */
export function clusterTypeOf(facts: TypeFacts, now: Date): ClusterType {
  if (facts.discovery === null) return "unknown";
  const dueAt = privateAt(facts);
  if (dueAt === null) return "public";
  return dueAt <= now ? "private" : "unknown";
}

/** When time alone makes, or made, the cluster private; null while it has a public address, or nobody knows. */
export function privateAt({ discovery, addresslessSince }: TypeFacts): Date | null {
  if (discovery === null || addresslessSince === null) return null;
  return new Date(addresslessSince.getTime() + PRIVATE_AFTER_MS);
}
