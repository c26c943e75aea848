import { z } from "zod";
import { toOpenApi } from "#server/http/openapi.ts";
import { route, type AnyRoute } from "#server/http/route.ts";
import { administrationRoutes } from "./administration.ts";
import { clusterRoutes } from "./clusters.ts";
import { connectionRoutes } from "./connections.ts";
import { sessionRoutes } from "./session.ts";
import { tunnelRoutes } from "./tunnels.ts";

/** Every route of the API that is declared: what OpenAPI describes and the access tests walk through. */
export const ALL_ROUTES: readonly AnyRoute[] = [
  clusterRoutes,
  tunnelRoutes,
  connectionRoutes,
  administrationRoutes,
  sessionRoutes,
].flatMap((group) => Object.values(group) as AnyRoute[]);

export const openApiRoute = route({
  method: "GET",
  path: "/openapi.json",
  summary: "This description",
  role: "viewer",
  response: z.record(z.string(), z.unknown()),
  run: async ({ runtime }) => toOpenApi([...ALL_ROUTES], runtime.installation.version),
});
