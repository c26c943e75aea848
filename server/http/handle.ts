import { randomUUID } from "node:crypto";
import { requireRole } from "#server/services/actor.ts";
import { getRuntime } from "#server/runtime.ts";
import { authenticate, credentialsOf } from "./authenticate.ts";
import { errorResponse, parseInput } from "./error-response.ts";
import { requireOwnOrigin } from "./origin.ts";
import { readJsonBody } from "./read-body.ts";
import type { PublicRoute, Route, RouteCall } from "./route.ts";

type NextHandler = (
  request: Request,
  context: { readonly params: Promise<unknown> },
) => Promise<Response>;

/**
 * Turns a declaration into a route handler: check the origin, authenticate, parse, call one service, serialise.
 * Parsing the answer strips any field the contract does not name.
 */
export function handle<P, Q, B, R>(
  route: Route<P, Q, B, R> | PublicRoute<P, Q, B, R>,
): NextHandler {
  return async (request, context) => {
    const runtime = getRuntime();
    const requestId = randomUUID();
    const log = runtime.log.child({ requestId, method: route.method, route: route.path });
    const response = await answer(route, request, context).catch((error: unknown) =>
      errorResponse(error, log),
    );
    response.headers.set("x-request-id", requestId);
    response.headers.set("cache-control", "no-store");
    return response;
  };
}

async function answer<P, Q, B, R>(
  route: Route<P, Q, B, R> | PublicRoute<P, Q, B, R>,
  request: Request,
  context: { readonly params: Promise<unknown> },
): Promise<Response> {
  const runtime = getRuntime();
  const credentials = credentialsOf(request.headers);
  if (route.method !== "GET" && credentials !== "bearer") {
    const strictness = route.role === "nobody" ? "none" : credentials;
    requireOwnOrigin(request.headers, runtime.installation.publicUrl, strictness);
  }
  if (route.role === "nobody") {
    const call = await parseCall(route, request, context);
    return serialise(route, await route.run(call), call.responseHeaders);
  }
  const actor = await authenticate(runtime, request.headers);
  requireRole(actor, route.role);
  const call = await parseCall(route, request, context);
  return serialise(route, await route.run({ ...call, actor }), call.responseHeaders);
}

async function parseCall<P, Q, B, R>(
  route: Route<P, Q, B, R> | PublicRoute<P, Q, B, R>,
  request: Request,
  context: { readonly params: Promise<unknown> },
): Promise<Omit<RouteCall<P, Q, B>, "actor">> {
  const search = Object.fromEntries(new URL(request.url).searchParams);
  return {
    runtime: getRuntime(),
    // What a route does not declare, it does not read.
    params: route.params
      ? parseInput(route.params, await context.params, "path")
      : (undefined as P),
    query: route.query ? parseInput(route.query, search, "query") : (undefined as Q),
    body: route.body
      ? parseInput(route.body, await readJsonBody(request), "body")
      : (undefined as B),
    request,
    signal: request.signal,
    responseHeaders: new Headers(),
  };
}

function serialise<P, Q, B, R>(
  route: Route<P, Q, B, R> | PublicRoute<P, Q, B, R>,
  result: R,
  headers: Headers,
): Response {
  if (route.response === undefined) return new Response(null, { status: 204, headers });
  return Response.json(route.response.parse(result), { status: route.status ?? 200, headers });
}
