import { networkInterfaces } from "node:os";
import {
  AddressRanges,
  isOutsideAddress,
  kindOfAddress,
  toEndpoint,
  withTranslations,
  type AddressKind,
} from "#server/lib/ip-address.ts";
import type { NameBook } from "./name-book.ts";

/** How long the machine's own addresses are believed, milliseconds. */
const MACHINE_FRESH_MS = 5_000;

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
  /** Of this machine's network interfaces; null while they could not be read. */
  #machine: AddressRanges | null = null;
  #machineReadAtMs = -Infinity;

  constructor(options: DialRulesOptions) {
    this.#options = options;
    this.#listed = new AddressRanges(options.directCidrs);
  }

  /** @returns why this very address must not be dialled, one plain sentence; null when it may. */
  async findObjection(address: string, port: number): Promise<string | null> {
    const what = toEndpoint(address, port);
    const kind = kindOfAddress(address);
    if (!isOutsideAddress(address, this.#listed)) return describeKind(kind, what);
    const machine = this.#readMachine();
    if (machine === null) return `${what} could not be told from this server's own addresses.`;
    const isMachine = kind === "loopback" || machine.includes(address);
    if (this.#options.isOwnPort(port) && (isMachine || (await this.#isOwnHost(address)))) {
      return `${what} is a listener of this server.`;
    }
    // What a firewall keeps from the outside is open to us.
    if (isMachine && !this.#listed.includes(address)) {
      return `${what} is this server's own address, and not in CULVERT_DIRECT_CIDRS.`;
    }
    return null;
  }

  #readMachine(): AddressRanges | null {
    const { nowMs, interfaceAddresses = readInterfaces } = this.#options;
    if (nowMs() - this.#machineReadAtMs < MACHINE_FRESH_MS) return this.#machine;
    try {
      this.#machine = new AddressRanges(interfaceAddresses().flatMap(withTranslations));
      this.#machineReadAtMs = nowMs();
    } catch {
      // The system is out of sockets: what was read before stands.
    }
    return this.#machine;
  }

  async #isOwnHost(address: string): Promise<boolean> {
    const { names, ownHosts } = this.#options;
    const resolved = await Promise.all(ownHosts.map((host) => names.resolve(host)));
    return new AddressRanges(resolved.flat().flatMap(withTranslations)).includes(address);
  }
}

function describeKind(kind: AddressKind, what: string): string {
  switch (kind) {
    case "metadata":
      return `${what} is a cloud's metadata service, which is never dialled.`;
    case "link_local":
      return `${what} is a link-local address, which is never dialled.`;
    case "unusable":
      return `${what} is no address of a host.`;
    default:
      return `${what} is neither public nor in CULVERT_DIRECT_CIDRS.`;
  }
}

function readInterfaces(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
}
