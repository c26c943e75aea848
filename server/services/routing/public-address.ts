import { BlockList, isIP } from "node:net";

/** What the internet does not route, or what must never be dialled for a direct endpoint. */
const NOT_GLOBAL: readonly (readonly [string, number, "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 128, "ipv6"],
  ["::1", 128, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["100::", 64, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const notGlobal = new BlockList();
for (const [network, bits, family] of NOT_GLOBAL) notGlobal.addSubnet(network, bits, family);

/**
 * True when clients outside could reach the address: globally routable, or in one of the operator's own ranges.
 *
 * Host names are never public: what they resolve to is looked at when they are dialled.
 *
 * Source: IANA special-purpose address registries (RFC 6890).
 */
export function isPublicAddress(address: string, directCidrs: readonly string[]): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  if (toBlockList(directCidrs).check(address, family)) return true;
  return !notGlobal.check(address, family);
}

function toBlockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = "", bits] = cidr.split("/");
    const version = isIP(network);
    if (version === 0) continue;
    const family = version === 4 ? "ipv4" : "ipv6";
    list.addSubnet(network, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
  }
  return list;
}

/** `host:port`, with brackets where IPv6 needs them. */
export function toEndpoint(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
