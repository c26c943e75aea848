import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";

/** How long an answer is believed, milliseconds. */
const FRESH_MS = 30_000;
/** A name server that is down must not move tunnels: the last answer stands for this long, milliseconds. */
const STALE_MAX_MS = 300_000;
/** One look-up, milliseconds. */
const LOOKUP_TIMEOUT_MS = 2_000;
/** Addresses of one name that are looked at. */
export const ADDRESSES_PER_NAME_MAX = 8;

/** Asks the DNS. @returns no address when the name does not exist; rejects when nobody could tell. */
export type LookUp = (name: string) => Promise<readonly string[]>;

export interface NameBookOptions {
  readonly lookUp: LookUp;
  readonly nowMs: () => number;
}

interface Entry {
  addresses: readonly string[];
  answeredAtMs: number;
  asking: Promise<void> | null;
}

/** What host names resolve to. Answers at once where there is an answer, and looks again behind its back. */
export class NameBook {
  readonly #options: NameBookOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: NameBookOptions) {
    this.#options = options;
  }

  /** @returns the addresses of a name, or the address itself; empty when there is none, or none is known. */
  async resolve(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const entry = this.#entryOf(host);
    const ageMs = this.#options.nowMs() - entry.answeredAtMs;
    if (ageMs >= FRESH_MS) entry.asking ??= this.#ask(host, entry);
    if (ageMs >= STALE_MAX_MS) await entry.asking;
    return entry.addresses;
  }

  /** Forgets every name that is not wanted any more, so that the book stays as small as its use. */
  retain(hosts: ReadonlySet<string>): void {
    for (const host of this.#entries.keys()) if (!hosts.has(host)) this.#entries.delete(host);
  }

  #entryOf(host: string): Entry {
    let entry = this.#entries.get(host);
    if (entry === undefined) {
      entry = { addresses: [], answeredAtMs: -Infinity, asking: null };
      this.#entries.set(host, entry);
    }
    return entry;
  }

  async #ask(host: string, entry: Entry): Promise<void> {
    const { lookUp, nowMs } = this.#options;
    try {
      entry.addresses = (await lookUp(host)).slice(0, ADDRESSES_PER_NAME_MAX);
      entry.answeredAtMs = nowMs();
    } catch {
      // Nobody could tell: what was known stands until it is too old, and the next probe asks again.
      if (nowMs() - entry.answeredAtMs >= STALE_MAX_MS) entry.addresses = [];
    } finally {
      entry.asking = null;
    }
  }
}

/**
 * Looks names up in the DNS alone, as clients outside would: neither /etc/hosts nor search domains count, and no thread of
 * the process waits for the answer.
 */
export function createDnsLookUp(): LookUp {
  const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 1 });
  return async (name) => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = answers.flatMap((answer) =>
      answer.status === "fulfilled" ? answer.value : [],
    );
    const failure = answers.find((answer) => answer.status === "rejected" && !isAbsence(answer));
    if (addresses.length === 0 && failure?.status === "rejected") throw failure.reason;
    return addresses;
  };
}

function isAbsence({ reason }: PromiseRejectedResult): boolean {
  const code: unknown = reason instanceof Error && "code" in reason ? reason.code : null;
  return code === "ENODATA" || code === "ENOTFOUND";
}
