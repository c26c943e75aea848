import { handle } from "#server/http/handle.ts";
import { openApiRoute } from "#server/http/routes/all-routes.ts";

export const GET = handle(openApiRoute);
