import { z } from "zod";
import {
  AgentPage,
  AgentRefusalPage,
  ClusterDetailsDto,
  ClusterDto,
  ClusterListQuery,
  ClusterPage,
  CreateClusterBody,
  CreatedCluster,
  CreatedToken,
  CreateTokenBody,
  GatewayListDto,
  PatchClusterBody,
  TokenPage,
} from "#protocol/api/clusters.ts";
import { ClusterId, TokenId } from "#protocol/api/ids.ts";
import { route } from "#server/http/route.ts";
import { listAgents } from "#server/services/agents/list-agents.ts";
import { listRefusals } from "#server/services/agents/list-refusals.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { deleteCluster } from "#server/services/clusters/delete-cluster.ts";
import { getClusterDetails } from "#server/services/clusters/get-cluster-details.ts";
import { getCluster } from "#server/services/clusters/get-cluster.ts";
import { listClusters } from "#server/services/clusters/list-clusters.ts";
import { patchCluster } from "#server/services/clusters/patch-cluster.ts";
import { listGateways } from "#server/services/gateways/list-gateways.ts";
import { createToken } from "#server/services/tokens/create-token.ts";
import { listTokens } from "#server/services/tokens/list-tokens.ts";
import { revokeToken } from "#server/services/tokens/revoke-token.ts";

/** The cluster itself, as every answer to a POST holds what was made, and beside it what is shown once. */
const CreatedClusterAnswer = z.object({ ...ClusterDto.shape, ...CreatedCluster.shape });

const OfCluster = z.object({ id: ClusterId });

export const clusterRoutes = {
  list: route({
    method: "GET",
    path: "/clusters",
    summary: "List clusters",
    role: "viewer",
    query: ClusterListQuery,
    response: ClusterPage,
    run: ({ runtime, actor, query }) => listClusters(runtime, actor, query),
  }),
  create: route({
    method: "POST",
    path: "/clusters",
    summary: "Create a cluster; its first agent token is shown once",
    role: "operator",
    body: CreateClusterBody,
    response: CreatedClusterAnswer,
    status: 201,
    run: async ({ runtime, actor, body }) => {
      const created = await createCluster(runtime, actor, body);
      return { ...created.cluster, ...created };
    },
  }),
  get: route({
    method: "GET",
    path: "/clusters/{id}",
    summary: "Get a cluster",
    role: "viewer",
    params: OfCluster,
    response: ClusterDto,
    run: ({ runtime, actor, params }) => getCluster(runtime, actor, params),
  }),
  details: route({
    method: "GET",
    path: "/clusters/{id}/details",
    summary: "Get what a cluster consists of: nodes, pods, Gateway API versions",
    role: "viewer",
    params: OfCluster,
    response: ClusterDetailsDto,
    run: ({ runtime, actor, params }) => getClusterDetails(runtime, actor, params),
  }),
  patch: route({
    method: "PATCH",
    path: "/clusters/{id}",
    summary: "Rename a cluster, or force its tunnels",
    role: "operator",
    params: OfCluster,
    body: PatchClusterBody,
    response: ClusterDto,
    run: ({ runtime, actor, params, body }) => patchCluster(runtime, actor, { ...params, ...body }),
  }),
  remove: route({
    method: "DELETE",
    path: "/clusters/{id}",
    summary: "Delete a cluster with its tunnels; its agents are cut off",
    role: "operator",
    params: OfCluster,
    run: ({ runtime, actor, params }) => deleteCluster(runtime, actor, params),
  }),
  agents: route({
    method: "GET",
    path: "/clusters/{id}/agents",
    summary: "List a cluster's agents",
    role: "viewer",
    params: OfCluster,
    response: AgentPage,
    run: ({ runtime, actor, params }) => listAgents(runtime, actor, { clusterId: params.id }),
  }),
  gateways: route({
    method: "GET",
    path: "/clusters/{id}/gateways",
    summary: "List what a cluster's agents discovered",
    role: "viewer",
    params: OfCluster,
    response: GatewayListDto,
    run: ({ runtime, actor, params }) => listGateways(runtime, actor, { clusterId: params.id }),
  }),
  refusals: route({
    method: "GET",
    path: "/clusters/{id}/refusals",
    summary: "List agents that were turned away lately, newest first",
    role: "viewer",
    params: OfCluster,
    response: AgentRefusalPage,
    run: ({ runtime, actor, params }) => listRefusals(runtime, actor, { clusterId: params.id }),
  }),
  tokens: route({
    method: "GET",
    path: "/clusters/{id}/tokens",
    summary: "List a cluster's agent tokens",
    role: "operator",
    params: OfCluster,
    response: TokenPage,
    run: ({ runtime, actor, params }) => listTokens(runtime, actor, { clusterId: params.id }),
  }),
  createToken: route({
    method: "POST",
    path: "/clusters/{id}/tokens",
    summary: "Create an agent token; it is shown once",
    role: "operator",
    params: OfCluster,
    body: CreateTokenBody,
    response: CreatedToken,
    status: 201,
    run: ({ runtime, actor, params, body }) =>
      createToken(runtime, actor, { clusterId: params.id, ...body }),
  }),
  revokeToken: route({
    method: "DELETE",
    path: "/clusters/{id}/tokens/{tokenId}",
    summary: "Revoke an agent token; links opened with it are closed",
    role: "operator",
    params: OfCluster.extend({ tokenId: TokenId }),
    run: ({ runtime, actor, params }) =>
      revokeToken(runtime, actor, { clusterId: params.id, tokenId: params.tokenId }),
  }),
} as const;
