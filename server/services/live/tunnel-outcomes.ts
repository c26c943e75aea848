import type { CloseReason } from "#protocol/api/connections.ts";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";

/** A failed connection or request as operators see it on a tunnel. */
export interface TunnelError {
  readonly reason: CloseReason | EdgeErrorCode;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Whether it tells of now. */
interface LastError extends TunnelError {
  /** The service has answered since. */
  readonly isOver: boolean;
}

/** How the newest connections and requests of each tunnel went: its last failure, and whether its service has answered since. */
export class TunnelOutcomes {
  readonly #lastErrors = new Map<string, LastError>();
  readonly #changed = new Set<string>();

  /** Keeps the newest failure. */
  failed(tunnelId: string, error: TunnelError): void {
    const known = this.#lastErrors.get(tunnelId);
    if (known !== undefined && known.at > error.at) return;
    this.#lastErrors.set(tunnelId, { ...error, isOver: false });
    this.#changed.add(tunnelId);
  }

  /** The service answered. Failures of the same report are to be told first. @param at milliseconds since the epoch. */
  answered(tunnelId: string, at: number): void {
    const error = this.#lastErrors.get(tunnelId);
    if (error === undefined || error.isOver || at < error.at) return;
    this.#lastErrors.set(tunnelId, { ...error, isOver: true });
    this.#changed.add(tunnelId);
  }

  lastErrorOf(tunnelId: string): LastError | null {
    return this.#lastErrors.get(tunnelId) ?? null;
  }

  /** Tunnels whose last failure is another than at the last call, or is over. */
  takeChanged(): readonly string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  forget(tunnelId: string): void {
    this.#lastErrors.delete(tunnelId);
    this.#changed.delete(tunnelId);
  }
}
