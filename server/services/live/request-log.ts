import { RECENT_REQUESTS_MAX } from "#protocol/api/requests.ts";
import type { HttpRequestRecord } from "#protocol/relay/events.ts";

/** Requests kept over all tunnels, about half a kilobyte each; those of the tunnel that was quiet for longest go first. */
export const REQUESTS_KEPT = 50_000;

/** A request that is over, and the relay process that carried it. */
export interface RecentRequest extends HttpRequestRecord {
  readonly relayId: string;
}

/** The newest requests of every HTTP tunnel. */
export class RequestLog {
  /** Oldest first within a tunnel; tunnels by when they were last asked, the quietest first. */
  readonly #byTunnel = new Map<string, RecentRequest[]>();
  #count = 0;

  record(requests: readonly RecentRequest[]): void {
    for (const request of requests) {
      const { tunnelId } = request;
      const known = this.#byTunnel.get(tunnelId) ?? [];
      this.#byTunnel.delete(tunnelId);
      this.#byTunnel.set(tunnelId, known);
      known.push(request);
      this.#count += 1;
      if (known.length > RECENT_REQUESTS_MAX) {
        known.shift();
        this.#count -= 1;
      }
    }
    for (const tunnelId of this.#byTunnel.keys()) {
      if (this.#count <= REQUESTS_KEPT) return;
      this.forget(tunnelId);
    }
  }

  /** The newest first. */
  of(tunnelId: string): readonly RecentRequest[] {
    return (this.#byTunnel.get(tunnelId) ?? []).toReversed();
  }

  forget(tunnelId: string): void {
    this.#count -= this.#byTunnel.get(tunnelId)?.length ?? 0;
    this.#byTunnel.delete(tunnelId);
  }
}
