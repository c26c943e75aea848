import { listenerName } from "#protocol/api/listener-name.ts";
import { parseTunnelSpec } from "./tunnel-spec.ts";

export interface NamedRow {
  readonly gateway: string;
  readonly port: number;
  readonly spec: string;
}

/** What the audit trail calls a tunnel: the same as the dashboard. */
export function tunnelName(row: NamedRow): string {
  const { listener } = parseTunnelSpec(row.spec);
  return listenerName({ gateway: row.gateway, listener, port: row.port });
}
