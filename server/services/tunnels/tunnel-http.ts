import type { z } from "zod";
import type { TunnelHttpDto } from "#protocol/api/tunnels.ts";
import type { HostName } from "#server/services/http-names/assign-host-names.ts";
import { edgeAddress, ownName } from "#server/services/http-names/own-name.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { TunnelRow } from "./tunnel-row.ts";

/** What an HTTP tunnel serves and how it does. */
export function httpOf(
  { installation: { edge }, live }: Pick<ServiceContext, "live" | "installation">,
  row: TunnelRow,
  hostNames: readonly HostName[],
): z.input<typeof TunnelHttpDto> {
  return {
    siteUrl: `http://${edgeAddress(ownName(row, edge), edge)}/`,
    hostnames: [...hostNames],
    statusClasses: { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 },
    latencyMs: null,
    messages: { in: 0, out: 0 },
    webSocketsOpen: live.connections
      .list({ tunnelId: row.id })
      .filter(({ request }) => request?.upgrade === "websocket").length,
  };
}
