import { plural } from "#components/lib/format.ts";
import type { TunnelProtocol } from "#protocol/api/tunnels.ts";

interface TrafficWords {
  /** What a client has open: one of them, and several. */
  readonly one: string;
  readonly many: string;
  /** Heading of those that are listed. */
  readonly title: string;
}

/** What clients do on a tunnel, in its protocol's own terms. */
export const TRAFFIC: Record<TunnelProtocol, TrafficWords> = {
  tcp: { one: "connection", many: "connections", title: "Connections" },
  tls: { one: "connection", many: "connections", title: "Connections" },
  udp: { one: "association", many: "associations", title: "Associations" },
  // Of requests only WebSockets and those that take their time are listed while they run.
  http: { one: "request", many: "requests", title: "WebSockets and long requests" },
};

/** `1 request`, `12 connections`. */
export function countOf(count: number, protocol: TunnelProtocol): string {
  const { one, many } = TRAFFIC[protocol];
  return plural(count, one, many);
}
