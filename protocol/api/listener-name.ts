/** Says what speaks on it, or nothing at all; not which service it is. */
const GENERIC =
  /^(tcp|udp|tls|http|https|grpc|ssl|listener|default|main|port|proxy|service|svc)?[-_]?\d*$/i;

export interface NamedListener {
  readonly gateway: string;
  readonly listener: string;
  readonly port: number;
}

/**
 * What people call a tunnel, which has no name of its own: its listener's name where that says something,
 * `gateway / listener` otherwise. On the dashboard and in the audit trail alike.
 */
export function listenerName({ gateway, listener, port }: NamedListener): string {
  if (!GENERIC.test(listener) || listener === gateway) return listener;
  return `${gateway} / ${listener === "" ? String(port) : listener}`;
}
