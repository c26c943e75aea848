import { HTTP_LATENCY_BOUNDS_MS } from "#protocol/api/http-figures.ts";
import { HttpCounts, HttpRequestRecord } from "#protocol/relay/events.ts";
import { newId } from "#server/lib/ids.ts";

/** A request of a tunnel that is over. */
export function requestOf(tunnelId: string, facts: Partial<HttpRequestRecord> = {}) {
  return HttpRequestRecord.parse({
    id: newId("cn"),
    tunnelId,
    at: Date.parse("2026-01-02T03:04:05.000Z"),
    request: { method: "GET", host: "shop.test", path: "/cart", upgrade: null },
    clientAddress: "198.51.100.4:50000",
    status: 200,
    error: null,
    detail: null,
    closeReason: "completed",
    backend: "apps/web:80",
    isServed: true,
    firstByteMs: 1.5,
    durationMs: 2,
    bytesIn: 0,
    bytesOut: 512,
    ...facts,
  });
}

/** What is known of a request for a service that refused the connection. */
export const REFUSED_REQUEST = {
  status: 502,
  error: "backend_refused",
  closeReason: "dial_refused",
  isServed: false,
} as const satisfies Partial<HttpRequestRecord>;

/** Figures of a tunnel that answered so many requests with 200 in a millisecond, and some with 404 in ten. */
export function httpCountsOf(
  answered: { readonly ok?: number; readonly notFound?: number },
  messages = { in: 0, out: 0 },
): HttpCounts {
  const { ok = 0, notFound = 0 } = answered;
  const latency = [...HTTP_LATENCY_BOUNDS_MS, Infinity].map((bound) =>
    bound === 1 ? ok : bound === 10 ? notFound : 0,
  );
  const latencySumUs = ok * 1_000 + notFound * 10_000;
  return HttpCounts.parse({ classes: [0, ok, 0, notFound, 0], latency, latencySumUs, messages });
}
