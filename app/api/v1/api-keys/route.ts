import { handle } from "#server/http/handle.ts";
import { administrationRoutes } from "#server/http/routes/administration.ts";

export const GET = handle(administrationRoutes.apiKeys);
export const POST = handle(administrationRoutes.createApiKey);
