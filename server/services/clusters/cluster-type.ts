import type { ClusterType } from "#protocol/api/routing.ts";

/** A cluster whose inventory names no public address for this long is private, milliseconds. */
export const PRIVATE_AFTER_MS = 120_000;

/** `unknown` before the first inventory, and until enough time has passed without a public address. */
export function clusterTypeOf(
  row: { readonly discovery: string | null; readonly addresslessSince: Date | null },
  now: Date,
): ClusterType {
  if (row.discovery === null) return "unknown";
  if (row.addresslessSince === null) return "public";
  return now.getTime() - row.addresslessSince.getTime() >= PRIVATE_AFTER_MS ? "private" : "unknown";
}
