import { toEndpoint } from "#server/lib/ip-address.ts";

/** Of a DNS label, characters (RFC 1035 section 2.3.4). */
const LABEL_MAX = 63;
/** Of a tunnel's id: its end is random, its beginning is the time. */
const ID_CHARACTERS = 8;
/** The port that URLs leave out. */
const HTTP_PORT = 80;

interface Edge {
  readonly domain: string;
  readonly port: number;
}

/**
 * The first label of a tunnel's own name: its Gateway's name made a DNS label, and the end of its id.
 *
 * Never two hyphens in a row: browsers take some of those for encoded Unicode (`xn--`) and refuse what does not decode.
 */
export function ownLabel(tunnel: { readonly id: string; readonly gateway: string }): string {
  const suffix = tunnel.id.slice(-ID_CHARACTERS);
  const name = tunnel.gateway
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LABEL_MAX - ID_CHARACTERS - 1)
    .replace(/^-|-$/g, "");
  return name === "" ? suffix : `${name}-${suffix}`;
}

/** The host name under which every route of an HTTP tunnel answers. */
export function ownName(
  tunnel: { readonly id: string; readonly gateway: string },
  { domain }: Pick<Edge, "domain">,
): string {
  return `${ownLabel(tunnel)}.${domain}`;
}

/** `host:port` where clients find a name on the edge, as URLs write it: without a port that goes without saying. */
export function edgeAddress(host: string, { port }: Pick<Edge, "port">): string {
  return port === HTTP_PORT ? host : toEndpoint(host, port);
}
