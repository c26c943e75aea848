import type { RoutingMode } from "#protocol/api/routing.ts";
import type { TunnelDto, TunnelProtocol } from "#protocol/api/tunnels.ts";
import { tunnelName } from "./tunnel-name.ts";
import { STATUSES, tunnelStatus, type TunnelStatus } from "./tunnel-words.ts";

/** `any` lets everything through. */
export interface TunnelFilter {
  readonly text: string;
  readonly protocol: TunnelProtocol | "any";
  readonly mode: RoutingMode | "forced" | "any";
  readonly status: TunnelStatus | "any";
  readonly clusterId: string;
}

export const SORTS = ["name", "cluster", "status", "open", "now"] as const;
export type TunnelSort = (typeof SORTS)[number];
export interface SortOrder {
  readonly by: TunnelSort;
  readonly isReversed: boolean;
}

/** Every word of the text must stand somewhere in what the row shows. */
export function filterTunnels(
  tunnels: readonly TunnelDto[],
  filter: TunnelFilter,
): readonly TunnelDto[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return tunnels.filter(
    (tunnel) =>
      (filter.protocol === "any" || tunnel.protocol === filter.protocol) &&
      (filter.clusterId === "any" || tunnel.clusterId === filter.clusterId) &&
      (filter.status === "any" || tunnelStatus(tunnel) === filter.status) &&
      matchesMode(tunnel, filter.mode) &&
      (words.length === 0 || matchesText(tunnel, words)),
  );
}

function matchesMode({ routingMode }: TunnelDto, mode: TunnelFilter["mode"]): boolean {
  if (mode === "any") return true;
  if (mode === "forced") return routingMode.forced;
  return routingMode.effective === mode;
}

function matchesText(tunnel: TunnelDto, words: readonly string[]): boolean {
  const { gateway, listener, clusterName, endpoints, protocol, backends, http } = tunnel;
  const text = [
    tunnelName(tunnel),
    `${gateway.namespace}/${gateway.name}`,
    listener.name,
    clusterName,
    protocol,
    ...listener.hostnames,
    ...(http?.hostnames ?? []).map(({ name }) => name),
    ...endpoints.map(({ address }) => address),
    ...backends.map(({ name, port }) => `${name}:${port}`),
  ]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const byName = (a: TunnelDto, b: TunnelDto): number =>
  collator.compare(tunnelName(a), tunnelName(b)) ||
  collator.compare(a.clusterName, b.clusterName) ||
  collator.compare(a.id, b.id);

/** Numbers begin with the highest, words with the first; equal ones stand by name. */
export function sortTunnels(
  tunnels: readonly TunnelDto[],
  order: SortOrder,
  rateOf: (tunnel: TunnelDto) => number,
): TunnelDto[] {
  const compare = COMPARE[order.by];
  const sign = order.isReversed ? -1 : 1;
  return tunnels.toSorted((a, b) => sign * compare(a, b, rateOf) || byName(a, b));
}

const COMPARE: Record<
  TunnelSort,
  (a: TunnelDto, b: TunnelDto, rateOf: (tunnel: TunnelDto) => number) => number
> = {
  name: byName,
  cluster: (a, b) => collator.compare(a.clusterName, b.clusterName),
  status: (a, b) => STATUSES[tunnelStatus(a)].order - STATUSES[tunnelStatus(b)].order,
  open: (a, b) => b.connections.open - a.connections.open,
  now: (a, b, rateOf) => rateOf(b) - rateOf(a),
};

/** `open` or `-open` in the URL. */
export function parseSort(text: string): SortOrder {
  const isReversed = text.startsWith("-");
  const name = isReversed ? text.slice(1) : text;
  return { by: SORTS.find((sort) => sort === name) ?? "name", isReversed };
}

export function printSort({ by, isReversed }: SortOrder): string {
  return `${isReversed ? "-" : ""}${by}`;
}

/** A click on a column: by that column, and the other way round at the second click. */
export function nextSort(order: SortOrder, by: TunnelSort): SortOrder {
  return { by, isReversed: order.by === by && !order.isReversed };
}
