import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { toPage, wantsPage } from "../../pages/plain-page.ts";

export interface EdgeAnswerFacts {
  readonly code: EdgeErrorCode;
  /** What more can be said, in plain words; shown to whoever asked, so nothing of other tenants. */
  readonly detail: string | null;
  readonly requestId: string;
  /** The header of that name. */
  readonly accept: string | undefined;
  readonly method: string;
}

export interface EdgeAnswer {
  readonly status: number;
  /** Flat list of names and values. */
  readonly headers: readonly string[];
  /** Empty for HEAD; the headers are those of the whole. */
  readonly body: string;
}

/** After how long it is worth asking again, seconds, where that is so. A choice. */
const RETRY_AFTER_SECONDS: Partial<Record<EdgeErrorCode, number>> = {
  agent_offline: 5,
  no_backend: 5,
  limit_reached: 1,
  backend_refused: 2,
  shutting_down: 1,
};

/** What to do about it, for the visitor's page; the others speak for themselves. */
const ADVICE: Partial<Record<EdgeErrorCode, string>> = {
  no_such_host: "Check the address, or publish a route for this name.",
  no_route: "Check the address. Other addresses of this site may work.",
  agent_offline: "The cluster behind this site is not connected at the moment.",
  no_backend: "The service is starting, or has no replica that is ready.",
  backend_refused: "It may be restarting. Please try again in a moment.",
  backend_timeout: "It may be busy. Please try again in a moment.",
  limit_reached: "Please try again in a moment.",
  shutting_down: "Please try again in a moment.",
};

/** What the edge answers in place of a service: a page for browsers, JSON for everybody else. */
export function toEdgeAnswer(facts: EdgeAnswerFacts): EdgeAnswer {
  const { code, requestId, accept, method } = facts;
  const { status } = EDGE_ERRORS[code];
  const isPage = wantsPage(accept);
  const body = isPage ? toErrorPage(facts) : toErrorJson(facts);
  const headers = ["Content-Type", isPage ? "text/html; charset=utf-8" : "application/json"];
  headers.push("Content-Length", String(Buffer.byteLength(body)));
  headers.push("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff");
  if (isPage)
    headers.push("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  headers.push("Culvert-Error", code, "X-Request-Id", requestId);
  const retryAfter = RETRY_AFTER_SECONDS[code];
  if (retryAfter !== undefined) headers.push("Retry-After", String(retryAfter));
  // RFC 9110 section 15.5.6 wants to know which methods are served; of CONNECT none is.
  if (status === 405) headers.push("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  return { status, headers, body: method === "HEAD" ? "" : body };
}

function toErrorJson({ code, detail, requestId }: EdgeAnswerFacts): string {
  const error = { code, message: EDGE_ERRORS[code].label, requestId, detail };
  return `${JSON.stringify({ error })}\n`;
}

function toErrorPage({ code, detail, requestId }: EdgeAnswerFacts): string {
  const { status, label } = EDGE_ERRORS[code];
  const advice = ADVICE[code];
  return toPage({
    title: `${status} · ${label}`,
    heading: label,
    paragraphs: [advice, detail].filter((text) => text !== undefined && text !== null),
    footnote: `Request ${requestId}`,
  });
}
