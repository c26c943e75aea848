import type { Clock } from "#server/lib/clock.ts";

export interface SourceLimitsOptions {
  /** Associations that one source may hold at once; past it the quietest of them gives way. */
  readonly associationsMax: number;
  /** New associations of one source in a second, in bursts of as many. */
  readonly openingsPerSecond: number;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** A flood of forged sources fits here; who finds no place is refused, since memory comes first. */
const SOURCES_MAX = 100_000;

/** The place of one association among those of its source. */
export interface Admission {
  /** Set with every datagram of the client. */
  isActive: boolean;
  /** Makes room. Idempotent. */
  release(): void;
}

interface Held extends Admission {
  readonly giveWay: () => void;
}

interface Source {
  /** The longest there first. */
  readonly held: Set<Held>;
  /** How much of its burst is used up; it drains with time. */
  used: number;
  seenAtMs: number;
}

/**
 * How much one source may ask of the UDP ports: an IPv4 address, or the /64 of an IPv6 address, of which every host has
 * 2^64. Without it one sender, real or forged, could take every association there is.
 *
 * Many clients use a new port for every question and never say that they are done, DNS above all. So a source that holds
 * all it may is not refused: an association that was quiet gives way, and those in use stay.
 */
export class SourceLimits {
  readonly #options: SourceLimitsOptions;
  readonly #sources = new Map<string, Source>();

  constructor(options: SourceLimitsOptions) {
    this.#options = options;
  }

  /**
   * @param giveWay ends the association, since another one of its source needs the place. Not called after `release`.
   * @returns null when the source may open none just now.
   */
  admit(address: string, giveWay: () => void): Admission | null {
    const { associationsMax, openingsPerSecond } = this.#options;
    const key = sourceOf(address);
    const source = this.#find(key);
    if (source === null || source.used + 1 > openingsPerSecond) return null;
    source.used += 1;
    if (source.held.size >= associationsMax) makeWay(source);
    const held: Held = { isActive: false, giveWay, release: () => this.#release(key, held) };
    source.held.add(held);
    return held;
  }

  /** Forgets sources that are quiet. Called now and then. */
  sweep(): void {
    for (const [key, source] of this.#sources) {
      this.#drain(source);
      if (source.held.size === 0 && source.used === 0) this.#sources.delete(key);
    }
  }

  get size(): number {
    return this.#sources.size;
  }

  #release(key: string, held: Held): void {
    const source = this.#sources.get(key);
    if (source === undefined || !source.held.delete(held)) return;
    if (source.held.size === 0 && source.used < 1) this.#sources.delete(key);
  }

  #find(key: string): Source | null {
    const known = this.#sources.get(key);
    if (known !== undefined) {
      this.#drain(known);
      return known;
    }
    if (this.#sources.size >= SOURCES_MAX) return null;
    const source = { held: new Set<Held>(), used: 0, seenAtMs: this.#options.clock.monotonicMs() };
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

/** Second chance: who was active since the last look goes to the end of the row, the first who was not gives way. */
function makeWay({ held }: Source): void {
  for (const one of held) {
    held.delete(one);
    // A set that grows while it is walked is walked to its new end: all are quiet by the second time round.
    if (one.isActive) {
      one.isActive = false;
      held.add(one);
    } else return one.giveWay();
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
