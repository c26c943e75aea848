import { networkInterfaces } from "node:os";
import {
  AddressRanges,
  isOutsideAddress,
  kindOfAddress,
  toEndpoint,
} from "#server/lib/ip-address.ts";
import type { NameBook } from "./name-book.ts";

/** How long the machine's own addresses are believed, milliseconds. */
const OWN_FRESH_MS = 5_000;

export interface DialRulesOptions {
  /** The operator's own ranges. */
  readonly directCidrs: readonly string[];
  /** Hosts under which clients and people reach us, whatever stands in front of us. */
  readonly ownHosts: readonly string[];
  /** True for a port on which we listen, or may come to listen. */
  readonly isOwnPort: (port: number) => boolean;
  readonly names: NameBook;
  readonly nowMs: () => number;
  readonly interfaceAddresses?: () => readonly string[];
}

/**
 * What the relay may dial for a direct endpoint. Agents choose these addresses, and must not be able to aim the server at
 * what only it can reach, nor at itself.
 */
export class DialRules {
  readonly #options: DialRulesOptions;
  readonly #listed: AddressRanges;
  #own = new AddressRanges([]);
  #ownReadAtMs = -Infinity;

  constructor(options: DialRulesOptions) {
    this.#options = options;
    this.#listed = new AddressRanges(options.directCidrs);
  }

  /** @returns why this very address must not be dialled, one plain sentence; null when it may. */
  async findObjection(address: string, port: number): Promise<string | null> {
    const kind = kindOfAddress(address);
    const what = toEndpoint(address, port);
    if (!isOutsideAddress(address, this.#listed)) {
      if (kind === "metadata")
        return `${what} is a cloud's metadata service, which is never dialled.`;
      if (kind === "link_local") return `${what} is a link-local address, which is never dialled.`;
      if (kind === "unusable") return `${what} is no address of a host.`;
      return `${what} is neither public nor in CULVERT_DIRECT_CIDRS.`;
    }
    if (!this.#options.isOwnPort(port)) return null;
    await this.#readOwn();
    const isOwn = kind === "loopback" || this.#own.includes(address);
    return isOwn ? `${what} is a listener of this server.` : null;
  }

  async #readOwn(): Promise<void> {
    const { names, ownHosts, nowMs, interfaceAddresses = readInterfaces } = this.#options;
    if (nowMs() - this.#ownReadAtMs < OWN_FRESH_MS) return;
    const resolved = await Promise.all(ownHosts.map((host) => names.resolve(host)));
    this.#own = new AddressRanges([...interfaceAddresses(), ...resolved.flat()]);
    this.#ownReadAtMs = nowMs();
  }
}

function readInterfaces(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
}
