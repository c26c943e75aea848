import { handle } from "#server/http/handle.ts";
import { connectionRoutes } from "#server/http/routes/connections.ts";

export const GET = handle(connectionRoutes.list);
export const DELETE = handle(connectionRoutes.closeMany);
