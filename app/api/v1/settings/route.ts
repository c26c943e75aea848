import { handle } from "#server/http/handle.ts";
import { administrationRoutes } from "#server/http/routes/administration.ts";

export const GET = handle(administrationRoutes.settings);
export const PATCH = handle(administrationRoutes.patchSettings);
