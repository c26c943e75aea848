import type { ConnectionDto, ConnectionVia } from "#protocol/api/connections.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { requestVerb } from "#components/requests/request-words.ts";
import type { CloseTarget } from "./use-close-connections.ts";
import { tunnelName } from "#components/tunnels/tunnel-name.ts";

export interface ConnectionFilter {
  readonly text: string;
  /** `any` lets everything through. */
  readonly clusterId: string;
  readonly via: ConnectionVia | "any";
}

/** What a connection belongs to, by the ids it carries. */
export interface ConnectionPlace {
  readonly tunnelName: string;
  readonly clusterName: string;
}

export function placeOf(
  connection: ConnectionDto,
  tunnels: ReadonlyMap<string, TunnelDto>,
): ConnectionPlace | null {
  const tunnel = tunnels.get(connection.tunnelId);
  return tunnel === undefined
    ? null
    : { tunnelName: tunnelName(tunnel), clusterName: tunnel.clusterName };
}

/** Every word of the text must stand somewhere in what the row shows. */
export function filterConnections(
  connections: readonly ConnectionDto[],
  filter: ConnectionFilter,
  tunnels: ReadonlyMap<string, TunnelDto>,
): readonly ConnectionDto[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return connections.filter((connection) => {
    if (filter.clusterId !== "any" && connection.clusterId !== filter.clusterId) return false;
    if (filter.via !== "any" && connection.via !== filter.via) return false;
    if (words.length === 0) return true;
    const text = textOf(connection, placeOf(connection, tunnels));
    return words.every((word) => text.includes(word));
  });
}

/** All that its row shows, in lower case. */
function textOf(connection: ConnectionDto, place: ConnectionPlace | null): string {
  const { clientAddress, via, agentName, request } = connection;
  return [
    clientAddress,
    via === "direct" ? "direct" : (agentName ?? ""),
    place === null ? "" : `${place.tunnelName} ${place.clusterName}`,
    request === null ? "" : `${requestVerb(request)} ${request.host}${request.path}`,
  ]
    .join(" ")
    .toLowerCase();
}

export const CONNECTION_SORTS = ["opened", "client", "in", "out", "now"] as const;
export type ConnectionSort = (typeof CONNECTION_SORTS)[number];
export interface ConnectionOrder {
  readonly by: ConnectionSort;
  readonly isReversed: boolean;
}

type Compare = (
  a: ConnectionDto,
  b: ConnectionDto,
  rateOf: (connection: ConnectionDto) => number,
) => number;

const collator = new Intl.Collator("en", { numeric: true });
const newestFirst: Compare = (a, b) =>
  b.openedAt < a.openedAt ? -1 : b.openedAt > a.openedAt ? 1 : collator.compare(a.id, b.id);

const COMPARE: Record<ConnectionSort, Compare> = {
  opened: newestFirst,
  client: (a, b) => collator.compare(a.clientAddress, b.clientAddress),
  in: (a, b) => b.bytes.in - a.bytes.in,
  out: (a, b) => b.bytes.out - a.bytes.out,
  now: (a, b, rateOf) => rateOf(b) - rateOf(a),
};

/** Newest and highest first unless reversed; equal ones stand by age. */
export function sortConnections(
  connections: readonly ConnectionDto[],
  order: ConnectionOrder,
  rateOf: (connection: ConnectionDto) => number,
): ConnectionDto[] {
  const compare = COMPARE[order.by];
  const sign = order.isReversed ? -1 : 1;
  return connections.toSorted((a, b) => sign * compare(a, b, rateOf) || newestFirst(a, b, rateOf));
}

export function parseConnectionOrder(text: string): ConnectionOrder {
  const isReversed = text.startsWith("-");
  const name = isReversed ? text.slice(1) : text;
  return { by: CONNECTION_SORTS.find((sort) => sort === name) ?? "opened", isReversed };
}

export function nextConnectionOrder(order: ConnectionOrder, by: ConnectionSort): string {
  const isReversed = order.by === by && !order.isReversed;
  return `${isReversed ? "-" : ""}${by}`;
}

/** How many tunnels these connections go through. */
export function countTunnels(connections: readonly ConnectionDto[]): number {
  return new Set(connections.map(({ tunnelId }) => tunnelId)).size;
}

/** Whole clusters are one request each; with a narrower filter it is what is shown, and no connection opened since. */
export function closeTarget(rows: readonly ConnectionDto[], filter: ConnectionFilter): CloseTarget {
  if (filter.text !== "" || filter.via !== "any") return { ids: rows.map(({ id }) => id) };
  return { clusterIds: [...new Set(rows.map(({ clusterId }) => clusterId))] };
}
