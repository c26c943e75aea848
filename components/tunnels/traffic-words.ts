import { plural } from "#components/lib/format.ts";
import type { TunnelProtocol } from "#protocol/api/tunnels.ts";

export interface TrafficWords {
  /** What a client has open: one of them, and several. */
  readonly one: string;
  readonly many: string;
  /** Heading of those that are listed. */
  readonly title: string;
  readonly open: string;
  readonly noneOpen: string;
  /** How one comes to be listed. */
  readonly hint: string;
  readonly closed: string;
  readonly noneClosed: string;
}

const CONNECTIONS: TrafficWords = {
  one: "connection",
  many: "connections",
  title: "Connections",
  open: "Open connections",
  noneOpen: "No connection is open",
  hint: "Connect with a client: it appears here within a second.",
  closed: "Recently closed connections",
  noneClosed: "No connection was closed lately",
};

/** What clients do on a tunnel, in its protocol's own terms. */
export const TRAFFIC: Record<TunnelProtocol, TrafficWords> = {
  tcp: CONNECTIONS,
  tls: CONNECTIONS,
  udp: {
    one: "association",
    many: "associations",
    title: "Associations",
    open: "Open associations",
    noneOpen: "No association is open",
    hint: "Send a datagram: its association appears here within a second.",
    closed: "Recently closed associations",
    noneClosed: "No association was closed lately",
  },
  // Of requests only WebSockets and those that take their time are listed while they run.
  http: {
    one: "request",
    many: "requests",
    title: "WebSockets and long requests",
    open: "Open WebSockets and requests",
    noneOpen: "No WebSocket or long request is open",
    hint: "WebSockets stand here from their first second, other requests once they have taken one.",
    closed: "Recently closed WebSockets and requests",
    noneClosed: "No WebSocket or long request ended lately",
  },
};

/** `1 request`, `12 connections`. */
export function countOf(count: number, protocol: TunnelProtocol): string {
  const { one, many } = TRAFFIC[protocol];
  return plural(count, one, many);
}
