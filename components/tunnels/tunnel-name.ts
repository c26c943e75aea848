import { listenerName } from "#protocol/api/listener-name.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

export type NamedTunnel = Pick<TunnelDto, "gateway" | "listener">;

/** What people call it, everywhere. */
export function tunnelName({ gateway, listener }: NamedTunnel): string {
  return listenerName({ gateway: gateway.name, listener: listener.name, port: listener.port });
}

/** Where it comes from, in full: `shop/edge : postgres`. */
export function tunnelOrigin({ gateway, listener }: NamedTunnel): string {
  return `${gateway.namespace}/${gateway.name} : ${listener.name}`;
}
