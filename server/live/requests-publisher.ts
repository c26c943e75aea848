import { RECENT_REQUESTS_MAX } from "#protocol/api/requests.ts";
import { onFact } from "#server/relays/relay-facts.ts";
import type { RecentRequest } from "#server/services/live/request-log.ts";
import { toHttpRequestDto } from "#server/services/requests/request-dto.ts";
import type { LiveNamespace } from "./live-server.ts";

/** After the first report of a second, so that those of other relays are in the same message. */
const GATHER_MS = 60;
/** Never faster than this for one tunnel. */
const SPACING_MS = 1_000;

/** Sends requests that ended to those who look at their tunnel, and to nobody else. */
export class RequestsPublisher {
  readonly #namespace: LiveNamespace;
  readonly #stop: () => void;
  /** By room, oldest first. */
  #waiting = new Map<string, RecentRequest[]>();
  #timer: NodeJS.Timeout | undefined;
  #flushedAtMs = 0;

  constructor(namespace: LiveNamespace) {
    this.#namespace = namespace;
    this.#stop = onFact("requestsEnded", (requests) => this.#add(requests));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #add(requests: readonly RecentRequest[]): void {
    for (const request of requests) {
      const room = `tunnel:${request.tunnelId}`;
      if (!this.#namespace.adapter.rooms.has(room)) continue;
      const waiting = this.#waiting.get(room);
      if (waiting === undefined) this.#waiting.set(room, [request]);
      else waiting.push(request);
    }
    if (this.#waiting.size === 0) return;
    const sinceFlushMs = performance.now() - this.#flushedAtMs;
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(GATHER_MS, SPACING_MS - sinceFlushMs));
  }

  #flush(): void {
    this.#timer = undefined;
    this.#flushedAtMs = performance.now();
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [room, requests] of waiting) {
      // Nobody shows more than are kept.
      const newest = requests.slice(-RECENT_REQUESTS_MAX).map(toHttpRequestDto);
      this.#namespace.to(room).emit("requests", newest);
    }
  }
}
