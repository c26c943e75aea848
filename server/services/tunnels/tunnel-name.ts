import { parseTunnelSpec } from "./tunnel-spec.ts";

/** What the audit log calls a tunnel: `gateway / listener`. */
export function tunnelName(row: { readonly gateway: string; readonly spec: string }): string {
  return `${row.gateway} / ${parseTunnelSpec(row.spec).listener}`;
}
