import type { HttpRequestDto } from "#protocol/api/requests.ts";
import { isWebSocket, statusClass } from "./request-words.ts";

/** Kept in the URL. */
export const REQUEST_FILTERS = ["all", "4xx", "5xx", "websocket"] as const;
export type RequestFilter = (typeof REQUEST_FILTERS)[number];

export const FILTER_LABELS: Record<RequestFilter, string> = {
  all: "All",
  "4xx": "4xx",
  "5xx": "5xx",
  websocket: "WebSocket",
};

export function filterRequests(
  requests: readonly HttpRequestDto[],
  filter: RequestFilter,
): readonly HttpRequestDto[] {
  switch (filter) {
    case "all":
      return requests;
    case "websocket":
      return requests.filter(isWebSocket);
    case "4xx":
    case "5xx":
      return requests.filter(({ status }) => status !== null && statusClass(status) === filter);
  }
}

/** When a request was over: they are listed in this order. Milliseconds since the epoch. */
export function endedAt({ at, durationMs }: Pick<HttpRequestDto, "at" | "durationMs">): number {
  return new Date(at).getTime() + durationMs;
}

/** What is worth saying of a request beside its path: only what differs between requests of this tunnel. */
export function requestPlace(
  { host, backend }: Pick<HttpRequestDto, "host" | "backend">,
  usual: { readonly host: string; readonly hasManyBackends: boolean },
): string | null {
  const parts = [
    host === usual.host ? null : host,
    usual.hasManyBackends && backend !== null ? `→ ${backend}` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" ");
}
