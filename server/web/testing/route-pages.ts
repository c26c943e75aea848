import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { findRoutes } from "#server/http/find-route.ts";
import { handle } from "#server/http/handle.ts";
import { handleAuth } from "#server/http/handle-auth.ts";
import { handleEvents } from "#server/http/events-stream.ts";
import { API_PREFIX } from "#server/http/openapi.ts";
import { handleUnknownPath } from "#server/http/unknown-path.ts";
import type { Pages } from "#server/web/pages.ts";

async function respond(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/api/auth/")) return await handleAuth(request);
  if (pathname === `${API_PREFIX}/events`) return await handleEvents(request);
  const { routes, params } = findRoutes(pathname);
  // As Next does.
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = routes.find((candidate) => candidate.method === method);
  if (route === undefined) return await handleUnknownPath(request);
  return await handle(route)(request, { params: Promise.resolve(params) });
}

/** Stands in for Next: the same handlers, found by the paths they declare. */
export function createRoutePages(): Pages {
  return {
    handleUpgrade: null,
    close: async () => undefined,
    handleRequest: async (incoming: IncomingMessage, outgoing: ServerResponse) => {
      const aborted = new AbortController();
      outgoing.on("close", () => aborted.abort());
      const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
      const response = await respond(
        new Request(`http://localhost:3000${incoming.url ?? "/"}`, {
          method: incoming.method ?? "GET",
          headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
            typeof value === "string" ? [[name, value]] : [],
          ),
          signal: aborted.signal,
          ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" } : {}),
        }),
      );
      outgoing.writeHead(response.status, [...response.headers].flat());
      if (response.body === null) outgoing.end();
      else
        Readable.fromWeb(response.body as NodeReadableStream)
          .on("error", () => undefined)
          .pipe(outgoing);
    },
  };
}
