import { MUX_LIMITS } from "../limits.ts";
import type { MuxStream } from "../stream/mux-stream.ts";

/**
 * Keeps our unacknowledged opens below the peer's accept backlog: a HashiCorp peer resets what exceeds it. Streams
 * above the bound exist at once and may be written to; their first frame waits for a free place.
 */
export class OpenBacklog {
  #unacknowledged = 0;
  readonly #waiting = new Set<MuxStream>();

  /** Starts the stream now, or when earlier ones have been acknowledged. */
  add(stream: MuxStream): void {
    this.#waiting.add(stream);
    this.#startWaiting();
  }

  onAcknowledged(): void {
    this.#unacknowledged -= 1;
    this.#startWaiting();
  }

  /** A stream of ours is over that was never acknowledged. */
  onClosed(stream: MuxStream): void {
    if (!this.#waiting.delete(stream)) this.onAcknowledged();
  }

  /** The streams that never started. They leave as each is closed. */
  get waiting(): readonly MuxStream[] {
    return [...this.#waiting];
  }

  #startWaiting(): void {
    for (const stream of this.#waiting) {
      if (this.#unacknowledged >= MUX_LIMITS.unacknowledgedOpens) return;
      this.#waiting.delete(stream);
      this.#unacknowledged += 1;
      stream.start();
    }
  }
}
