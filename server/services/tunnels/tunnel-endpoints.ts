import type { z } from "zod";
import type { EndpointDto } from "#protocol/api/tunnels.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import type { HostName } from "#server/services/http-names/assign-host-names.ts";
import { edgeAddress, ownName } from "#server/services/http-names/own-name.ts";
import { listenTrouble } from "#server/services/live/listen-trouble.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import type { TunnelRouting } from "./tunnel-routing.ts";
import type { TunnelRow } from "./tunnel-row.ts";

type Deps = Pick<ServiceContext, "live" | "installation">;
type Endpoint = z.input<typeof EndpointDto>;

/** Where clients may connect: through relays first, then the Gateway's own addresses. */
export function endpointsOf(
  deps: Deps,
  row: TunnelRow,
  about: { readonly routing: TunnelRouting; readonly hostNames: readonly HostName[] },
): Endpoint[] {
  const entrance = {
    verifiedAt: listeningSince(deps, row.id),
    problem: row.enabled ? listenTrouble(deps.live, row.id) : null,
  };
  const { targets, direct } = about.routing;
  const endpoints: Endpoint[] = [];
  if (row.lease !== null) {
    const address = toEndpoint(deps.installation.relayHost, row.lease.port);
    endpoints.push({ kind: "relay", address, ...entrance });
  } else if (row.protocol === "http" && row.phase !== "pending") {
    for (const address of edgeAddresses(deps, row, about.hostNames)) {
      endpoints.push({ kind: "edge", address, ...entrance });
    }
  }
  for (const { host, port } of targets) {
    const address = toEndpoint(host, port);
    const isVerified = direct?.state === "verified" && direct.address === address;
    const since = isVerified ? new Date(direct.since).toISOString() : null;
    endpoints.push({ kind: "direct", address, verifiedAt: since, problem: null });
  }
  return endpoints;
}

/** Its own name, then the names of its routes that lead here and can be typed in. */
function edgeAddresses(
  { installation: { edge } }: Deps,
  row: TunnelRow,
  hostNames: readonly HostName[],
): readonly string[] {
  const concrete = hostNames.filter(({ name, problem }) => problem === null && !name.includes("*"));
  return [ownName(row, edge), ...concrete.map(({ name }) => name)].map((name) =>
    edgeAddress(name, edge),
  );
}

function listeningSince({ live }: Deps, tunnelId: string): string | null {
  const listening = live.relays
    .listenersOf(tunnelId)
    .filter((listener) => listener.state === "listening");
  const since = Math.min(...listening.map((listener) => listener.since));
  return Number.isFinite(since) ? new Date(since).toISOString() : null;
}
