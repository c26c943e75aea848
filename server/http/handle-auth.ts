import { randomUUID } from "node:crypto";
import { getRuntime } from "#server/runtime.ts";
import { errorResponse } from "./error-response.ts";

/** `/api/auth/*`: people sign in and out; the sign-in library checks origins and limits itself. */
export async function handleAuth(request: Request): Promise<Response> {
  const runtime = getRuntime();
  const requestId = randomUUID();
  const log = runtime.log.child({ requestId, route: "/api/auth" });
  let response: Response;
  try {
    const answer = await runtime.people.handle(request);
    // Its headers may be immutable.
    response = new Response(answer.body, answer);
  } catch (error) {
    response = errorResponse(error, log);
  }
  response.headers.set("x-request-id", requestId);
  response.headers.set("cache-control", "no-store");
  return response;
}
