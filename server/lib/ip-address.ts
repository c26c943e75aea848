import { BlockList, isIP } from "node:net";

/**
 * What an address is for.
 *
 * `metadata` a cloud's own service, which trusts whoever asks from inside · `unusable` no host has it · `private` routed
 * in somebody's network or reserved, so only an operator can say whether it is reachable · `global` the internet's.
 */
export type AddressKind =
  "metadata" | "loopback" | "link_local" | "unusable" | "private" | "global";

/**
 * Kinds in the order in which they are looked at; the first that fits counts.
 *
 * Source: IANA special-purpose address registries (RFC 6890); the metadata addresses of AWS, Google, Azure, Oracle,
 * Alibaba and Scaleway, of which some are globally routable or inside private ranges.
 */
const RANGES: readonly (readonly [AddressKind, readonly string[]])[] = [
  [
    "metadata",
    [
      "169.254.169.254/32",
      "169.254.170.2/32",
      "100.100.100.200/32",
      "168.63.129.16/32",
      "192.0.0.192/32",
      "fd00:ec2::/32",
      "fd20:ce::254/128",
      "fd00:42::42/128",
    ],
  ],
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["link_local", ["169.254.0.0/16", "fe80::/10"]],
  // Among them IPv4 inside IPv6 in forms that no host of today answers to: compatible, translated (SIIT) and Teredo.
  [
    "unusable",
    ["0.0.0.0/8", "224.0.0.0/3", "::/96", "::ffff:0:0:0/96", "100::/64", "2001::/32", "ff00::/8"],
  ],
  [
    "private",
    [
      "10.0.0.0/8",
      "100.64.0.0/10",
      "172.16.0.0/12",
      "192.0.0.0/24",
      "192.0.2.0/24",
      "192.88.99.0/24",
      "192.168.0.0/16",
      "198.18.0.0/15",
      "198.51.100.0/24",
      "203.0.113.0/24",
      "64:ff9b:1::/48",
      "2001:2::/48",
      "2001:db8::/32",
      "3fff::/20",
      "5f00::/16",
      "fc00::/7",
      "fec0::/10",
    ],
  ],
];

/** Some ranges of addresses. */
export class AddressRanges {
  readonly #list = new BlockList();

  /** @param cidrs `network/bits`, or single addresses; what is neither is left out. */
  constructor(cidrs: Iterable<string>) {
    for (const cidr of cidrs) {
      const [network = "", bits] = cidr.split("/");
      const version = isIP(network);
      if (version === 0) continue;
      const all = version === 4 ? 32 : 128;
      this.#list.addSubnet(network, bits === undefined ? all : Number(bits), familyOf(version));
    }
  }

  includes(address: string): boolean {
    const version = isIP(address);
    // An address with a zone is one link's, and no list of ours knows links.
    return version !== 0 && !address.includes("%") && this.#list.check(address, familyOf(version));
  }
}

const KINDS = RANGES.map(
  ([kind, cidrs]) => [kind, new AddressRanges(cidrs.flatMap(withTranslations))] as const,
);

/** @param address an IP address; anything else is `unusable`. */
export function kindOfAddress(address: string): AddressKind {
  if (isIP(address) === 0 || address.includes("%")) return "unusable";
  return KINDS.find(([, ranges]) => ranges.includes(address))?.[0] ?? "global";
}

/**
 * True when clients outside could reach the address: globally routable, or in one of the operator's own ranges. Metadata,
 * link-local and unusable addresses never are, whoever lists them.
 */
export function isOutsideAddress(address: string, listed: AddressRanges): boolean {
  const kind = kindOfAddress(address);
  if (kind === "global") return true;
  return (kind === "private" || kind === "loopback") && listed.includes(address);
}

/** `host:port`, with brackets where IPv6 needs them. */
export function toEndpoint(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** IPv4 ranges are also what NAT64 and 6to4 make of them, so that no translator leads around the rules. */
export function withTranslations(cidr: string): readonly string[] {
  const [network = "", bits = "32"] = cidr.split("/");
  if (isIP(network) !== 4) return [cidr];
  const [a = 0, b = 0, c = 0, d = 0] = network.split(".").map(Number);
  const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return [cidr, `64:ff9b::${hex}/${96 + Number(bits)}`, `2002:${hex}::/${16 + Number(bits)}`];
}

function familyOf(version: number): "ipv4" | "ipv6" {
  return version === 4 ? "ipv4" : "ipv6";
}
