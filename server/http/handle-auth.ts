import { randomUUID } from "node:crypto";
import { getRuntime } from "#server/runtime.ts";
import { errorResponse } from "./error-response.ts";
import { readText } from "./read-body.ts";

/** What people sign in with fits many times; anybody may send it, signed in or not. Bytes. */
const BODY_BYTES_MAX = 16 * 1024;

/** `/api/auth/*`: people sign in and out; the sign-in library checks origins and limits itself. */
export async function handleAuth(request: Request): Promise<Response> {
  const runtime = getRuntime();
  const requestId = randomUUID();
  const log = runtime.log.child({ requestId, route: "/api/auth" });
  let response: Response;
  try {
    const answer = await runtime.people.handle(await withBoundedBody(request));
    // Its headers may be immutable.
    response = new Response(answer.body, answer);
  } catch (error) {
    response = errorResponse(error, log);
  }
  response.headers.set("x-request-id", requestId);
  response.headers.set("cache-control", "no-store");
  return response;
}

/** The library reads a body to its end, however long it is. @throws AppError `payload_too_large` */
async function withBoundedBody(request: Request): Promise<Request> {
  if (request.body === null) return request;
  const { url, method, headers } = request;
  return new Request(url, { method, headers, body: await readText(request, BODY_BYTES_MAX) });
}
