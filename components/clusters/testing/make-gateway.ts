import { GatewayDto, GatewayListDto } from "#protocol/api/clusters.ts";

type Listener = GatewayDto["listeners"][number];

/** A Gateway with one published TCP listener, but for what the parts say. */
export function makeGateway(
  name: string,
  parts: Partial<Listener> = {},
  addresses: readonly string[] = [],
): GatewayDto {
  const listener = {
    name: "db",
    port: 5432,
    protocol: "tcp",
    hostnames: [],
    routes: [
      {
        kind: "TCPRoute",
        namespace: "shop",
        name: "orders",
        accepted: true,
        reason: "Accepted",
        message: "",
      },
    ],
    backends: [
      { namespace: "shop", name: "orders-db", port: 5432, weight: 1, ready: true, reason: null },
    ],
    tunnelId: "tn_01",
    problem: null,
    problemCode: null,
    ...parts,
  };
  return GatewayDto.parse({
    clusterId: "cl_01k0000000000000000000000a",
    namespace: "shop",
    name,
    addresses,
    listeners: [listener],
  });
}

export function makeProblem(
  where: string,
  code: string | null,
): GatewayListDto["problems"][number] {
  const problem = { agentId: "ag_01k0000000000000000000000a", where, reason: "Why.", code };
  return GatewayListDto.shape.problems.element.parse(problem);
}
