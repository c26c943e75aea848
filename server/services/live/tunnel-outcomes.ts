import type { CloseReason } from "#protocol/api/connections.ts";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";

/** A failure this soon after an answer is one of a service that answers by and large, milliseconds. A choice. */
const ANSWERING_MS = 10_000;
/** Failures of the same kind are told anew this far apart, milliseconds: pages show their time by the minute. */
const RETELL_MS = 10_000;

/** A failed connection or request as operators see it on a tunnel. */
export interface TunnelError {
  readonly reason: CloseReason | EdgeErrorCode;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Whether it tells of now. */
interface LastError extends TunnelError {
  /** The service has answered since, or did shortly before. */
  readonly isOver: boolean;
}

/**
 * How the newest connections and requests of each tunnel went: its last failure, and whether its service answers all the
 * same. They may be told in any order; the clock is that of whoever tells.
 */
export class TunnelOutcomes {
  readonly #failures = new Map<string, TunnelError>();
  readonly #answeredAt = new Map<string, number>();
  readonly #touched = new Set<string>();
  readonly #told = new Map<string, LastError>();

  /** Keeps the newest failure. */
  failed(tunnelId: string, error: TunnelError): void {
    const known = this.#failures.get(tunnelId);
    if (known !== undefined && known.at > error.at) return;
    this.#failures.set(tunnelId, error);
    this.#touched.add(tunnelId);
  }

  /** The service answered. @param at milliseconds since the epoch. */
  answered(tunnelId: string, at: number): void {
    if ((this.#answeredAt.get(tunnelId) ?? -Infinity) >= at) return;
    this.#answeredAt.set(tunnelId, at);
    if (this.#failures.has(tunnelId)) this.#touched.add(tunnelId);
  }

  lastErrorOf(tunnelId: string): LastError | null {
    const failure = this.#failures.get(tunnelId);
    if (failure === undefined) return null;
    const answeredAt = this.#answeredAt.get(tunnelId) ?? -Infinity;
    return { ...failure, isOver: answeredAt >= failure.at - ANSWERING_MS };
  }

  /** Tunnels of which something else is to be shown than at the last call. */
  takeChanged(): readonly string[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched.filter((tunnelId) => {
      const error = this.lastErrorOf(tunnelId);
      if (error === null || !isNews(error, this.#told.get(tunnelId))) return false;
      this.#told.set(tunnelId, error);
      return true;
    });
  }

  forget(tunnelId: string): void {
    for (const kept of [this.#failures, this.#answeredAt, this.#touched, this.#told]) {
      kept.delete(tunnelId);
    }
  }
}

function isNews(error: LastError, told: LastError | undefined): boolean {
  if (told === undefined || error.at - told.at >= RETELL_MS) return true;
  return error.isOver !== told.isOver || error.reason !== told.reason;
}
