import type { GatewayDto, GatewayListDto } from "#protocol/api/clusters.ts";
import type { Problem } from "./problem-list.tsx";

const nameOf = ({ namespace, name }: GatewayDto): string => `${namespace}/${name}`;

/** Gateways in whose tree the text occurs: names of Gateways, listeners, hosts, routes, backends, and reason codes. */
export function selectGateways(
  gateways: readonly GatewayDto[],
  typed: string,
): readonly GatewayDto[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return gateways;
  return gateways.filter((gateway) =>
    wordsOf(gateway).some((word) => word.toLowerCase().includes(wanted)),
  );
}

function wordsOf(gateway: GatewayDto): readonly string[] {
  return [
    nameOf(gateway),
    ...gateway.addresses,
    ...gateway.listeners.flatMap(({ name, hostnames, routes, backends, problemCode }) => [
      name,
      problemCode ?? "",
      ...hostnames,
      ...routes.flatMap((route) => [`${route.namespace}/${route.name}`, route.reason]),
      ...backends.map((backend) => `${backend.namespace}/${backend.name}`),
    ]),
  ];
}

/** Problems of Gateways that are shown stand with them; the others stand for themselves. */
export function splitProblems({ items, problems }: GatewayListDto): {
  readonly byGateway: ReadonlyMap<string, readonly Problem[]>;
  readonly others: readonly Problem[];
} {
  const places = new Set(items.map((gateway) => placeOf(gateway)));
  return {
    byGateway: Map.groupBy(
      problems.filter(({ where }) => places.has(where)),
      ({ where }) => where,
    ),
    others: problems.filter(({ where }) => !places.has(where)),
  };
}

/** How problems name a Gateway. */
export function placeOf(gateway: GatewayDto): string {
  return `Gateway ${nameOf(gateway)}`;
}
