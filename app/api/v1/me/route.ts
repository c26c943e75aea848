import { handle } from "#server/http/handle.ts";
import { sessionRoutes } from "#server/http/routes/session.ts";

export const GET = handle(sessionRoutes.me);
