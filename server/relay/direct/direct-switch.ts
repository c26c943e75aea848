import type { TunnelId } from "#protocol/api/ids.ts";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { Clock } from "#server/lib/clock.ts";

/**
 * A relay port stays open for this long after the direct address is verified, milliseconds: whoever read the endpoints just
 * before is still served, and the new ones are shown meanwhile.
 */
export const LINGER_MS = 2_000;

/** Lingers that end this close to one another end together, milliseconds. */
export const DUE_SPACING_MS = 20;

export interface DirectSwitchOptions {
  /** Whether the tunnel's direct address can be relied on at this moment. */
  readonly isSteady: (tunnelId: string) => boolean;
  /** Whether clients can be told of a move: while they cannot, no further port is closed. */
  readonly canTell: () => boolean;
  readonly clock: Clock;
  /** Some tunnel's linger is over: ask `accepting` again. */
  readonly onDue: () => void;
}

/** Decides which tunnels have moved to their direct address, and since when. */
export class DirectSwitch {
  readonly #options: DirectSwitchOptions;
  /** Since when both hold, `direct` is wanted and the address answers; milliseconds of a clock that never jumps. */
  readonly #directSinceMs = new Map<TunnelId, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DirectSwitchOptions) {
    this.#options = options;
  }

  /** @returns of these tunnels those whose relay port is to be open now. */
  accepting<T extends DesiredTunnel>(open: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    const nowMs = this.#options.clock.monotonicMs();
    for (const id of this.#directSinceMs.keys()) if (!open.has(id)) this.#directSinceMs.delete(id);
    const accepting = new Map<string, T>();
    let nextMs = Infinity;
    for (const [id, tunnel] of open) {
      const leftMs = this.#lingerLeftMs(tunnel, nowMs);
      if (leftMs === null || leftMs > 0) accepting.set(id, tunnel);
      if (leftMs !== null && leftMs > 0) nextMs = Math.min(nextMs, leftMs);
    }
    this.#arm(nextMs);
    return accepting;
  }

  /** @returns tunnels whose remaining connections have had their time on the relay. */
  overdue(open: ReadonlyMap<string, DesiredTunnel>): readonly TunnelId[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#directSinceMs].flatMap(([id, sinceMs]) => {
      const drainMs = open.get(id)?.policy.directDrainMs ?? null;
      return drainMs !== null && nowMs - sinceMs >= LINGER_MS + drainMs ? [id] : [];
    });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** @returns 0 once the port is to be closed, null while the tunnel is not direct. */
  #lingerLeftMs({ id, mode }: DesiredTunnel, nowMs: number): number | null {
    const { isSteady, canTell } = this.#options;
    const knownMs = this.#directSinceMs.get(id);
    const hasMoved = knownMs !== undefined && nowMs - knownMs >= LINGER_MS;
    if (mode !== "direct" || !isSteady(id) || (!hasMoved && !canTell())) {
      this.#directSinceMs.delete(id);
      return null;
    }
    const sinceMs = knownMs ?? nowMs;
    this.#directSinceMs.set(id, sinceMs);
    return Math.max(0, sinceMs + LINGER_MS - nowMs);
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    if (delayMs === Infinity) return;
    this.#timer = setTimeout(() => this.#options.onDue(), Math.max(DUE_SPACING_MS, delayMs));
  }
}
