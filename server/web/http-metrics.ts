import { Counter, Gauge, type Registry } from "prom-client";
import { HTTP_LATENCY_BOUNDS_MS } from "#protocol/api/http-figures.ts";
import { onFact } from "#server/relays/relay-facts.ts";
import type { LiveState } from "#server/services/live-state.ts";
import { addHttpCounts, NO_HTTP_COUNTS } from "#server/services/live/http-counts.ts";
import { histogramText } from "./histogram-text.ts";

const CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

export interface HttpMetrics {
  /** What no collector of the registry can hold. */
  readonly text: () => string;
  readonly close: () => void;
}

/** What HTTP tunnels did since this process started. */
export function createHttpMetrics(registers: Registry[], live: LiveState): HttpMetrics {
  const answered = new Counter<"status_class">({
    name: "culvert_http_requests_total",
    help: "Requests of HTTP tunnels that were answered since this process started, by class of status",
    labelNames: ["status_class"],
    registers,
  });
  const messages = new Counter<"direction">({
    name: "culvert_websocket_messages_total",
    help: "WebSocket messages carried since this process started, by direction: in is client to service",
    labelNames: ["direction"],
    registers,
  });
  new Gauge({
    name: "culvert_websockets_open",
    help: "WebSockets open now",
    registers,
    collect() {
      const open = live.connections.list({});
      this.set(open.filter(({ request }) => request?.upgrade === "websocket").length);
    },
  });
  // A class that never happened is 0, not absent.
  for (const status_class of CLASSES) answered.inc({ status_class }, 0);
  for (const direction of ["in", "out"]) messages.inc({ direction }, 0);
  let counts = NO_HTTP_COUNTS;
  const stop = onFact("counted", ({ tunnels }) => {
    for (const { http } of tunnels) {
      if (http === undefined) continue;
      counts = addHttpCounts(counts, http);
      for (const [i, status_class] of CLASSES.entries()) {
        answered.inc({ status_class }, http.classes[i] ?? 0);
      }
      messages.inc({ direction: "in" }, http.messages.in);
      messages.inc({ direction: "out" }, http.messages.out);
    }
  });
  return {
    text: () =>
      histogramText({
        name: "culvert_http_request_duration_seconds",
        help: "Time from the head of a request to the head of its answer since this process started",
        bounds: HTTP_LATENCY_BOUNDS_MS.map((ms) => ms / 1_000),
        counts: counts.latency,
        sum: counts.latencySumUs / 1_000_000,
      }),
    close: stop,
  };
}
