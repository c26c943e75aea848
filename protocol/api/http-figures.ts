import { z } from "zod";

/** Upper bounds of the latency histogram, milliseconds: each above 1 at most half as large again as the one before. */
export const HTTP_LATENCY_BOUNDS_MS = [
  0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1_000,
  1_500, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 10_000, 15_000, 20_000, 30_000, 40_000, 60_000,
] as const;

interface EdgeErrorSpec {
  /** Status of the answer. */
  readonly status: number;
  /** Title of the page, plain words for operators. */
  readonly label: string;
}

/** Every answer that the HTTP edge gives in place of a service: header `Culvert-Error`, page and JSON body read from here. */
export const EDGE_ERRORS = {
  bad_request: { status: 400, label: "The request is malformed" },
  header_too_large: { status: 400, label: "The request's header is too large" },
  request_timeout: { status: 408, label: "The request took too long to arrive" },
  connect_refused: { status: 405, label: "CONNECT is not served here" },
  no_such_host: { status: 404, label: "Nothing is published under this name" },
  no_route: { status: 404, label: "No route leads to this address" },
  origin_forbidden: { status: 403, label: "This page may not open WebSockets here" },
  moved_to_direct: { status: 421, label: "This site is served at its own address" },
  tunnel_off: { status: 503, label: "This site is switched off" },
  route_invalid: { status: 500, label: "The route cannot be carried out" },
  agent_offline: { status: 503, label: "No agent is connected" },
  no_backend: { status: 503, label: "No backend is ready" },
  limit_reached: { status: 503, label: "Too many requests are in flight" },
  backend_refused: { status: 502, label: "The service refused the connection" },
  backend_failed: { status: 502, label: "The service gave no usable answer" },
  backend_timeout: { status: 504, label: "The service did not answer in time" },
  shutting_down: { status: 503, label: "The relay is shutting down" },
} as const satisfies Record<string, EdgeErrorSpec>;

export type EdgeErrorCode = keyof typeof EDGE_ERRORS;
export const EdgeErrorCode = z.enum(
  Object.keys(EDGE_ERRORS) as [EdgeErrorCode, ...EdgeErrorCode[]],
);
