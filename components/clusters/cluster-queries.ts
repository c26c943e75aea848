import { queryOptions } from "@tanstack/react-query";
import { apiRequest } from "#components/lib/api-client.ts";
import {
  AgentPage,
  AgentRefusalPage,
  ClusterDetailsDto,
  ClusterDto,
  ClusterPage,
  GatewayListDto,
  TokenPage,
} from "#protocol/api/clusters.ts";

/** Keys go from general to specific, so invalidating a prefix covers all below it. */
export const clusterKeys = {
  all: ["clusters"] as const,
  list: () => [...clusterKeys.all, "list"] as const,
  one: (clusterId: string) => [...clusterKeys.all, "one", clusterId] as const,
  detail: (clusterId: string) => [...clusterKeys.one(clusterId), "detail"] as const,
  contents: (clusterId: string) => [...clusterKeys.one(clusterId), "contents"] as const,
  agents: (clusterId: string) => [...clusterKeys.one(clusterId), "agents"] as const,
  gateways: (clusterId: string) => [...clusterKeys.one(clusterId), "gateways"] as const,
  tokens: (clusterId: string) => [...clusterKeys.one(clusterId), "tokens"] as const,
  refusals: (clusterId: string) => [...clusterKeys.one(clusterId), "refusals"] as const,
};

const AGENTS_REFRESH_MS = 5_000;
const GATEWAYS_REFRESH_MS = 15_000;
const CONTENTS_REFRESH_MS = 15_000;

const path = (clusterId: string): string => `/api/v1/clusters/${encodeURIComponent(clusterId)}`;

export const clusterQueries = {
  list: () =>
    queryOptions({
      queryKey: clusterKeys.list(),
      queryFn: ({ signal }) => apiRequest(ClusterPage, "/api/v1/clusters?limit=500", { signal }),
    }),
  detail: (clusterId: string) =>
    queryOptions({
      queryKey: clusterKeys.detail(clusterId),
      queryFn: ({ signal }) => apiRequest(ClusterDto, path(clusterId), { signal }),
    }),
  contents: (clusterId: string) =>
    queryOptions({
      queryKey: clusterKeys.contents(clusterId),
      queryFn: ({ signal }) =>
        apiRequest(ClusterDetailsDto, `${path(clusterId)}/details`, { signal }),
      // A new count is told live; which versions are served is not.
      refetchInterval: CONTENTS_REFRESH_MS,
    }),
  agents: (clusterId: string) =>
    queryOptions({
      queryKey: clusterKeys.agents(clusterId),
      queryFn: ({ signal }) => apiRequest(AgentPage, `${path(clusterId)}/agents`, { signal }),
      // Round trips and streams of agents are not sent live.
      refetchInterval: AGENTS_REFRESH_MS,
    }),
  gateways: (clusterId: string) =>
    queryOptions({
      queryKey: clusterKeys.gateways(clusterId),
      queryFn: ({ signal }) =>
        apiRequest(GatewayListDto, `${path(clusterId)}/gateways`, { signal }),
      refetchInterval: GATEWAYS_REFRESH_MS,
    }),
  tokens: (clusterId: string) =>
    queryOptions({
      queryKey: clusterKeys.tokens(clusterId),
      queryFn: ({ signal }) => apiRequest(TokenPage, `${path(clusterId)}/tokens`, { signal }),
    }),
  refusals: (clusterId: string) =>
    queryOptions({
      queryKey: clusterKeys.refusals(clusterId),
      queryFn: ({ signal }) =>
        apiRequest(AgentRefusalPage, `${path(clusterId)}/refusals`, { signal }),
    }),
};
