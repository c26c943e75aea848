import type { EndpointDto, TunnelDto } from "#protocol/api/tunnels.ts";

type Endpoints = Pick<TunnelDto, "endpoints" | "routingMode" | "direct">;

/** The port on the relay, kept even while it takes no new clients; null while nothing is leased. */
export function relayEndpoint({ endpoints }: Pick<TunnelDto, "endpoints">): EndpointDto | null {
  return endpoints.find(({ kind }) => kind !== "direct") ?? null;
}

/** The Gateway's own address: the one the relays watch, else the first that is known. */
export function directEndpoint({ endpoints, direct }: Omit<Endpoints, "routingMode">) {
  const known = endpoints.filter(({ kind }) => kind === "direct");
  if (direct === null) return known[0] ?? null;
  const { address, state, since } = direct;
  return (
    known.find((endpoint) => endpoint.address === address) ?? {
      kind: "direct" as const,
      address,
      verifiedAt: state === "verified" ? since : null,
      problem: null,
    }
  );
}

/** What clients may connect to in the mode in force, the best first; empty while nothing is published. */
export function endpointsInForce(tunnel: Endpoints): EndpointDto[] {
  const relay = relayEndpoint(tunnel);
  const direct = directEndpoint(tunnel);
  const byMode = {
    tunnel: [relay],
    direct: [direct],
    // The relay falls back to the direct address by itself.
    dual: [relay, direct],
  }[tunnel.routingMode.effective];
  return byMode.filter((endpoint) => endpoint !== null);
}

/** The one to copy. */
export function mainEndpoint(tunnel: Endpoints): EndpointDto | null {
  return endpointsInForce(tunnel)[0] ?? null;
}
