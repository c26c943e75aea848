import type { ShareTone } from "#components/ui/share-bar.tsx";
import type { DotTone } from "#components/ui/tone.ts";
import { EDGE_ERRORS } from "#protocol/api/http-figures.ts";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import type { TunnelHttpDto } from "#protocol/api/tunnels.ts";

export type StatusClass = keyof TunnelHttpDto["statusClasses"];

interface ClassLook {
  /** What answers of this class are. */
  readonly word: string;
  readonly tone: ShareTone;
}

/** Classes have fixed words and colours, everywhere. */
export const STATUS_CLASSES: Record<StatusClass, ClassLook> = {
  "1xx": { word: "Upgraded", tone: "special" },
  "2xx": { word: "OK", tone: "success" },
  "3xx": { word: "Redirects", tone: "info" },
  "4xx": { word: "Client errors", tone: "warning" },
  "5xx": { word: "Server errors", tone: "danger" },
};

/** The class of a status; null for one that HTTP does not know. */
export function statusClass(status: number): StatusClass | null {
  const name = `${Math.floor(status / 100)}xx`;
  return name in STATUS_CLASSES ? (name as StatusClass) : null; // One of its own keys.
}

/** Reason phrases of RFC 9110 for what is seen often; others stand by their number. */
const PHRASES: Readonly<Record<number, string>> = {
  101: "Upgraded",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

interface Answer {
  /** `404 Not Found`. */
  readonly text: string;
  readonly tone: DotTone;
  /** Why Culvert answered itself; null when the service did. */
  readonly own: string | null;
}

/** How a request was answered, in words and colour. */
export function answerOf({ status, error }: Pick<HttpRequestDto, "status" | "error">): Answer {
  const own = error === null ? null : EDGE_ERRORS[error].label;
  if (status === null) return { text: "Client left", tone: "off", own };
  const known = statusClass(status);
  const phrase = PHRASES[status];
  return {
    text: phrase === undefined ? String(status) : `${status} ${phrase}`,
    tone: known === null ? "off" : STATUS_CLASSES[known].tone,
    own,
  };
}

/** `GET`; what was agreed on where the connection became something else: `WebSocket`. */
export function requestVerb({
  method,
  upgrade,
}: Pick<HttpRequestDto, "method" | "upgrade">): string {
  if (upgrade === null) return method;
  return isWebSocket({ upgrade }) ? "WebSocket" : upgrade;
}

export function isWebSocket({ upgrade }: Pick<HttpRequestDto, "upgrade">): boolean {
  return upgrade?.toLowerCase() === "websocket";
}
