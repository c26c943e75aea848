import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { handle } from "#server/http/handle.ts";
import { handleAuth } from "#server/http/handle-auth.ts";
import { handleEvents } from "#server/http/events-stream.ts";
import { API_PREFIX } from "#server/http/openapi.ts";
import type { AnyRoute } from "#server/http/route.ts";
import { ALL_ROUTES, openApiRoute } from "#server/http/routes/all-routes.ts";
import { handleUnknownPath } from "#server/http/unknown-path.ts";
import type { Pages } from "#server/web/pages.ts";

interface Matched {
  readonly route: AnyRoute;
  readonly params: Readonly<Record<string, string>>;
}

function match(asked: string, path: string): Matched | null {
  // As Next does.
  const method = asked === "HEAD" ? "GET" : asked;
  for (const route of [...ALL_ROUTES, openApiRoute as AnyRoute]) {
    if (route.method !== method) continue;
    const pattern = route.path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    const found = new RegExp(`^${API_PREFIX}${pattern}$`).exec(path);
    if (found !== null) return { route, params: { ...found.groups } };
  }
  return null;
}

async function respond(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/api/auth/")) return await handleAuth(request);
  if (pathname === `${API_PREFIX}/events`) return await handleEvents(request);
  const matched = match(request.method, pathname);
  if (matched === null) return await handleUnknownPath(request);
  return await handle(matched.route)(request, { params: Promise.resolve(matched.params) });
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
