import { z } from "zod";
import type { TunnelPolicy } from "#protocol/api/tunnels.ts";

/** Quiet psql and SSH sessions are kept: two hours, as TCP keep-alive has it. */
const IDLE_TIMEOUT_MS = 7_200_000;
/** Nobody says goodbye over UDP. */
const UDP_IDLE_TIMEOUT_MS = 300_000;

const DEFAULT_POLICY = {
  connectTimeoutMs: 30_000,
  maxConnections: 10_000,
};

interface PolicyColumns {
  readonly protocol: string;
  readonly connectTimeoutMs: number | null;
  readonly idleTimeoutMs: number | null;
  readonly maxConnections: number | null;
  readonly directDrainMs: number | null;
  readonly allowedOrigins: string | null;
}

const Origins = z.array(z.string());

/** Origins as they are stored: JSON, null where an operator named none. */
export function parseOrigins(text: string | null): string[] | null {
  return text === null ? null : Origins.parse(JSON.parse(text));
}

/** What holds for a tunnel: the operator's word, else the Gateway's annotation, else the default. */
export function policyOf(
  row: PolicyColumns,
  spec: { readonly idleTimeoutMs: number | null },
): TunnelPolicy {
  return {
    connectTimeoutMs: row.connectTimeoutMs ?? DEFAULT_POLICY.connectTimeoutMs,
    idleTimeoutMs:
      row.idleTimeoutMs ??
      spec.idleTimeoutMs ??
      (row.protocol === "udp" ? UDP_IDLE_TIMEOUT_MS : IDLE_TIMEOUT_MS),
    maxConnections: row.maxConnections ?? DEFAULT_POLICY.maxConnections,
    directDrainMs: row.directDrainMs,
    allowedOrigins: parseOrigins(row.allowedOrigins) ?? [],
  };
}
