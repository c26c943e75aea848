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
 * How much one source may ask of the UDP ports: an IPv4 address, or the /64 of an IPv6 address, of which every host has
 * 2^64. Without it one sender, real or forged, could take every association there is.
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
    const source = this.#find(sourceOf(address));
    if (source === null || source.open >= associationsMax) return false;
    if (source.used + 1 > openingsPerSecond) return false;
    source.used += 1;
    source.open += 1;
    return true;
  }

  release(address: string): void {
    const key = sourceOf(address);
    const source = this.#sources.get(key);
    if (source === undefined) return;
    source.open -= 1;
    if (source.open === 0 && source.used < 1) this.#sources.delete(key);
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

  #find(key: string): Source | null {
    const known = this.#sources.get(key);
    if (known !== undefined) {
      this.#drain(known);
      return known;
    }
    if (this.#sources.size >= SOURCES_MAX) return null;
    const source = { open: 0, used: 0, seenAtMs: this.#options.clock.monotonicMs() };
    this.#sources.set(key, source);
    return source;
  }

  #drain(source: Source): void {
    const nowMs = this.#options.clock.monotonicMs();
    const drained = ((nowMs - source.seenAtMs) / 1_000) * this.#options.openingsPerSecond;
    source.used = Math.max(0, source.used - drained);
    source.seenAtMs = nowMs;
  }
}

/** @param address as the system writes it, IPv4 perhaps inside IPv6. */
function sourceOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const last = tail === "" ? [] : tail.split(":");
    while (groups.length + last.length < 8) groups.push("0");
    groups.push(...last);
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}
