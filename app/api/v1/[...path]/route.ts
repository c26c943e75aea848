import { handleUnknownPath } from "#server/http/unknown-path.ts";

export const GET = handleUnknownPath;
export const POST = handleUnknownPath;
export const PATCH = handleUnknownPath;
export const PUT = handleUnknownPath;
export const DELETE = handleUnknownPath;
