import type { Clock } from "#server/lib/clock.ts";

export interface SourceLimitsOptions {
  /** Associations that one source address may hold at once. */
  readonly associationsMax: number;
  /** New associations of one source address in a second, in bursts of as many. */
  readonly openingsPerSecond: number;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** A flood of forged sources fits here; who finds no place is refused, since memory comes first. */
const SOURCES_MAX = 100_000;

interface Source {
  open: number;
  /** How much of its burst is used up; it drains with time. */
  used: number;
  seenAtMs: number;
}

/**
 * How much one source address may ask of a UDP port. Without it one sender, real or forged, could take every
 * association there is.
 */
export class SourceLimits {
  readonly #options: SourceLimitsOptions;
  readonly #sources = new Map<string, Source>();

  constructor(options: SourceLimitsOptions) {
    this.#options = options;
  }

  /** @returns whether the source may open one more association; then `release` follows when that is over. */
  admit(address: string): boolean {
    const { associationsMax, openingsPerSecond } = this.#options;
    const source = this.#find(address);
    if (source === null || source.open >= associationsMax) return false;
    if (source.used + 1 > openingsPerSecond) return false;
    source.used += 1;
    source.open += 1;
    return true;
  }

  release(address: string): void {
    const source = this.#sources.get(address);
    if (source === undefined) return;
    source.open -= 1;
    if (source.open === 0 && source.used < 1) this.#sources.delete(address);
  }

  /** Forgets sources that are quiet. Called now and then. */
  sweep(): void {
    for (const [address, source] of this.#sources) {
      this.#drain(source);
      if (source.open === 0 && source.used === 0) this.#sources.delete(address);
    }
  }

  get size(): number {
    return this.#sources.size;
  }

  #find(address: string): Source | null {
    const known = this.#sources.get(address);
    if (known !== undefined) {
      this.#drain(known);
      return known;
    }
    if (this.#sources.size >= SOURCES_MAX) return null;
    const source = { open: 0, used: 0, seenAtMs: this.#options.clock.monotonicMs() };
    this.#sources.set(address, source);
    return source;
  }

  #drain(source: Source): void {
    const nowMs = this.#options.clock.monotonicMs();
    const drained = ((nowMs - source.seenAtMs) / 1_000) * this.#options.openingsPerSecond;
    source.used = Math.max(0, source.used - drained);
    source.seenAtMs = nowMs;
  }
}
