import type { z } from "zod";
import type { TunnelHttpDto } from "#protocol/api/tunnels.ts";
import type { HostName } from "#server/services/http-names/assign-host-names.ts";
import { edgeAddress, ownName } from "#server/services/http-names/own-name.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { TunnelRow } from "./tunnel-row.ts";

/** What an HTTP tunnel serves and how it does. */
export function httpOf(
  { installation: { edge }, live, now }: Pick<ServiceContext, "live" | "installation" | "now">,
  row: TunnelRow,
  hostNames: readonly HostName[],
): z.input<typeof TunnelHttpDto> {
  const { classes, messages } = live.counters.httpOf(row.id);
  const of = (statusClass: number): number => classes[statusClass - 1] ?? 0;
  return {
    siteUrl: `http://${edgeAddress(ownName(row, edge), edge)}/`,
    hostnames: [...hostNames],
    statusClasses: { "1xx": of(1), "2xx": of(2), "3xx": of(3), "4xx": of(4), "5xx": of(5) },
    latencyMs: live.latency.percentilesOf(row.id, now().getTime()),
    messages,
    webSocketsOpen: live.connections
      .list({ tunnelId: row.id })
      .filter(({ request }) => request?.upgrade === "websocket").length,
  };
}
