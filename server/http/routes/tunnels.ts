import { z } from "zod";
import { TunnelId } from "#protocol/api/ids.ts";
import { HttpRequestPage } from "#protocol/api/requests.ts";
import { ExplainDto } from "#protocol/api/routing.ts";
import { ScopedSeriesQuery, SeriesDto, SeriesQuery } from "#protocol/api/series.ts";
import { PatchTunnelBody, TunnelDto, TunnelListQuery, TunnelPage } from "#protocol/api/tunnels.ts";
import { route } from "#server/http/route.ts";
import { getSeries } from "#server/services/metrics/get-series.ts";
import { listRequests } from "#server/services/requests/list-requests.ts";
import { explainTunnel } from "#server/services/tunnels/explain-tunnel.ts";
import { getTunnel } from "#server/services/tunnels/get-tunnel.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { patchTunnel } from "#server/services/tunnels/patch-tunnel.ts";

const OfTunnel = z.object({ id: TunnelId });

export const tunnelRoutes = {
  list: route({
    method: "GET",
    path: "/tunnels",
    summary: "List tunnels",
    role: "viewer",
    query: TunnelListQuery,
    response: TunnelPage,
    run: ({ runtime, actor, query }) => listTunnels(runtime, actor, query),
  }),
  get: route({
    method: "GET",
    path: "/tunnels/{id}",
    summary: "Get a tunnel",
    role: "viewer",
    params: OfTunnel,
    response: TunnelDto,
    run: ({ runtime, actor, params }) => getTunnel(runtime, actor, params),
  }),
  patch: route({
    method: "PATCH",
    path: "/tunnels/{id}",
    summary: "Change a tunnel's routing, policy, or switch it on or off",
    role: "operator",
    params: OfTunnel,
    body: PatchTunnelBody,
    response: TunnelDto,
    run: ({ runtime, actor, params, body }) => patchTunnel(runtime, actor, { ...params, ...body }),
  }),
  explain: route({
    method: "GET",
    path: "/tunnels/{id}/explain",
    summary: "Explain a tunnel's routing mode, rule by rule",
    role: "viewer",
    params: OfTunnel,
    response: ExplainDto,
    run: ({ runtime, actor, params }) => explainTunnel(runtime, actor, params),
  }),
  requests: route({
    method: "GET",
    path: "/tunnels/{id}/requests",
    summary: "List the last requests of an HTTP tunnel, the newest first",
    role: "viewer",
    params: OfTunnel,
    response: HttpRequestPage,
    run: ({ runtime, actor, params }) => listRequests(runtime, actor, params),
  }),
  metrics: route({
    method: "GET",
    path: "/tunnels/{id}/metrics",
    summary: "Series of a tunnel",
    role: "viewer",
    params: OfTunnel,
    query: SeriesQuery,
    response: SeriesDto,
    run: ({ runtime, actor, params, query }) =>
      getSeries(runtime, actor, { scope: `tunnel:${params.id}`, ...query }),
  }),
  series: route({
    method: "GET",
    path: "/series",
    summary: "Series of the fleet, a cluster or a tunnel",
    role: "viewer",
    query: ScopedSeriesQuery,
    response: SeriesDto,
    run: ({ runtime, actor, query }) => getSeries(runtime, actor, query),
  }),
} as const;
