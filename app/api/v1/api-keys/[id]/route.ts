import { handle } from "#server/http/handle.ts";
import { administrationRoutes } from "#server/http/routes/administration.ts";

export const DELETE = handle(administrationRoutes.revokeApiKey);
