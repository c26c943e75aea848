import type { DirectTarget } from "#protocol/relay/desired-state.ts";
import type { Clock } from "#server/lib/clock.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import type { DialRules } from "./dial-rules.ts";
import type { DialSlots } from "./dial-slots.ts";
import { NEVER_PROBED, nextProbeMs, observe, type DirectHealth } from "./direct-health.ts";
import type { NameBook } from "./name-book.ts";
import type { ProbeResult } from "./probe.ts";

/** Probes of many targets that begin together drift apart: each wait is up to this part longer or shorter. */
const JITTER = 0.1;

export type Probe = (
  target: { readonly address: string; readonly port: number },
  signal: AbortSignal,
) => Promise<ProbeResult>;

export interface TargetWatchDeps {
  readonly names: NameBook;
  readonly rules: DialRules;
  readonly slots: DialSlots;
  readonly probe: Probe;
  readonly clock: Clock;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

type Found = ProbeResult & { readonly address: string | null };

/** Watches one direct address on behalf of every tunnel that names it. */
export class TargetWatch {
  /** `host:port`, as the Gateway names it. */
  readonly where: string;
  readonly host: string;
  readonly #port: number;
  readonly #deps: TargetWatchDeps;
  readonly #onChange: () => void;
  #isClosed = false;
  /** Cuts the probe that is under way. */
  #probing: AbortController | null = null;
  #timer: NodeJS.Timeout | undefined;
  #health: DirectHealth = NEVER_PROBED;
  #address: string | null = null;
  #rttMs: number | null = null;
  #reason: string | null = null;

  /** @param onChange called when `state`, `isSteady` or `reason` changed. */
  constructor(target: DirectTarget, deps: TargetWatchDeps, onChange: () => void) {
    this.host = target.host;
    this.#port = target.port;
    this.#deps = deps;
    this.#onChange = onChange;
    this.where = toEndpoint(target.host, target.port);
  }

  get state(): DirectHealth["state"] {
    return this.#health.state;
  }
  /** Verified, and the last probe was answered. */
  get isSteady(): boolean {
    return this.#health.state === "verified" && this.#health.failureCount === 0;
  }
  /** The very address that answered last; null while it is not verified. */
  get dialable(): { readonly address: string; readonly port: number } | null {
    if (this.#health.state !== "verified" || this.#address === null) return null;
    return { address: this.#address, port: this.#port };
  }
  get rttMs(): number | null {
    return this.#rttMs;
  }
  /** Why it is not verified, in plain words; null when it is, and before it was tried. */
  get reason(): string | null {
    return this.#health.state === "verified" ? null : this.#reason;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#run(), this.#deps.random() * 100);
  }

  /** Nothing is dialled or told any more. Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    this.#probing?.abort();
  }

  async #run(): Promise<void> {
    const { clock, slots, random } = this.#deps;
    // Whoever serves clients must not wait behind addresses that are long dead.
    const release = await slots.acquire(this.state === "verified");
    if (this.#isClosed) return release();
    const startedAtMs = clock.monotonicMs();
    try {
      const found = await this.#probe();
      if (!this.#isClosed) this.#take(found);
    } finally {
      release();
    }
    if (this.#isClosed) return;
    const delayMs = nextProbeMs(this.#health, clock.monotonicMs() - startedAtMs);
    const factor = 1 - JITTER + 2 * JITTER * random();
    this.#timer = setTimeout(() => void this.#run(), delayMs * factor);
  }

  #take(found: Found): void {
    const isNoNews = !found.isAnswering && found.isInconclusive;
    if (isNoNews && this.state === "verified") return;
    const before = { state: this.state, reason: this.reason, isSteady: this.isSteady };
    this.#health = observe(this.#health, found.isAnswering, this.#deps.clock.monotonicMs());
    if (found.isAnswering) {
      this.#address = found.address;
      this.#rttMs = found.rttMs;
      if (this.#health.state !== "verified") this.#reason = this.#describeWait();
    } else this.#reason = found.reason;
    const isSame =
      before.state === this.state &&
      before.reason === this.reason &&
      before.isSteady === this.isSteady;
    if (!isSame) this.#onChange();
  }

  #describeWait(): string {
    return this.#health.state === "not_answering"
      ? `${this.where} answers again, and is not stable yet.`
      : `${this.where} answers, and is being verified.`;
  }

  /** Every address that the host stands for, all at once; the first that answers counts. */
  async #probe(): Promise<Found> {
    const { names, rules, probe } = this.#deps;
    const port = this.#port;
    const addresses = await names.resolve(this.host);
    if (addresses.length === 0) {
      return failed(`The name ${this.host} was not found.`);
    }
    const objections = await Promise.all(addresses.map((each) => rules.findObjection(each, port)));
    const allowed = addresses.filter((_address, i) => objections[i] === null);
    const objection = objections.find((each) => each !== null) ?? null;
    if (allowed.length === 0 && objection !== null) {
      return failed(objection);
    }
    const probing = new AbortController();
    this.#probing = probing;
    const found = await firstAnswer(
      allowed.map(async (address) => ({
        ...(await probe({ address, port }, probing.signal)),
        address,
      })),
    );
    probing.abort();
    return found;
  }
}

/** The first that answers, else the first of all. */
async function firstAnswer(probes: readonly Promise<Found>[]): Promise<Found> {
  try {
    return await Promise.any(
      probes.map(async (each) => {
        const found = await each;
        if (!found.isAnswering) throw new Error(found.reason);
        return found;
      }),
    );
  } catch {
    // None answers: what the first address said is the reason.
    const [first] = await Promise.all(probes);
    return first ?? failed("There is no address to try.");
  }
}

function failed(reason: string): Found {
  return { isAnswering: false, reason, isInconclusive: false, address: null };
}
