import type { TunnelPolicy } from "#protocol/api/tunnels.ts";

/** Quiet psql and SSH sessions are kept: two hours, as TCP keep-alive has it. */
export const DEFAULT_POLICY: TunnelPolicy = {
  connectTimeoutMs: 30_000,
  idleTimeoutMs: 7_200_000,
  maxConnections: 10_000,
  directDrainMs: null,
};

interface PolicyColumns {
  readonly connectTimeoutMs: number | null;
  readonly idleTimeoutMs: number | null;
  readonly maxConnections: number | null;
  readonly directDrainMs: number | null;
}

/** What holds for a tunnel: the operator's word, else the Gateway's annotation, else the default. */
export function policyOf(
  row: PolicyColumns,
  spec: { readonly idleTimeoutMs: number | null },
): TunnelPolicy {
  return {
    connectTimeoutMs: row.connectTimeoutMs ?? DEFAULT_POLICY.connectTimeoutMs,
    idleTimeoutMs: row.idleTimeoutMs ?? spec.idleTimeoutMs ?? DEFAULT_POLICY.idleTimeoutMs,
    maxConnections: row.maxConnections ?? DEFAULT_POLICY.maxConnections,
    directDrainMs: row.directDrainMs,
  };
}
