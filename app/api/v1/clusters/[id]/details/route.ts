import { handle } from "#server/http/handle.ts";
import { clusterRoutes } from "#server/http/routes/clusters.ts";

export const GET = handle(clusterRoutes.details);
