import { handle } from "#server/http/handle.ts";
import { tunnelRoutes } from "#server/http/routes/tunnels.ts";

export const GET = handle(tunnelRoutes.requests);
