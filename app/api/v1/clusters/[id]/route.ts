import { handle } from "#server/http/handle.ts";
import { clusterRoutes } from "#server/http/routes/clusters.ts";

export const GET = handle(clusterRoutes.get);
export const PATCH = handle(clusterRoutes.patch);
export const DELETE = handle(clusterRoutes.remove);
