import { handleAuth } from "#server/http/handle-auth.ts";

export const GET = handleAuth;
export const POST = handleAuth;
