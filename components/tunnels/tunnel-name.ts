import type { TunnelDto } from "#protocol/api/tunnels.ts";

export type NamedTunnel = Pick<TunnelDto, "gateway" | "listener">;

/** Says what speaks on it, or nothing at all; not which service it is. */
const GENERIC =
  /^(tcp|udp|tls|http|https|grpc|ssl|listener|default|main|port|proxy|service|svc)?[-_]?\d*$/i;

/**
 * What people call a tunnel, which has no name of its own: its listener's name where that says
 * something, `gateway / listener` otherwise.
 */
export function tunnelName({ gateway, listener }: NamedTunnel): string {
  if (!GENERIC.test(listener.name) || listener.name === gateway.name) return listener.name;
  return `${gateway.name} / ${listener.name === "" ? String(listener.port) : listener.name}`;
}

/** Where it comes from, in full: `shop/edge : postgres`. */
export function tunnelOrigin({ gateway, listener }: NamedTunnel): string {
  return `${gateway.namespace}/${gateway.name} : ${listener.name}`;
}
