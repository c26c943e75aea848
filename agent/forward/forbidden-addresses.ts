import { BlockList, isIP } from "node:net";

/**
 * Addresses that no agent ever dials, whatever a manifest says: link-local, and where clouds hand out credentials.
 * Fails closed: what is no address at all is forbidden too.
 */
export class ForbiddenAddresses {
  readonly #list = new BlockList();

  constructor() {
    this.#list.addSubnet("169.254.0.0", 16, "ipv4");
    this.#list.addSubnet("fe80::", 10, "ipv6");
    // Metadata services outside the link-local range: AWS over IPv6, Alibaba Cloud, Oracle Cloud.
    this.#list.addAddress("fd00:ec2::254", "ipv6");
    this.#list.addAddress("100.100.100.200", "ipv4");
    this.#list.addAddress("192.0.0.192", "ipv4");
  }

  isForbidden(address: string): boolean {
    const [bare = ""] = address.split("%", 1);
    const version = isIP(bare);
    if (version === 0) return true;
    if (version === 4) return this.#list.check(bare, "ipv4");
    const embedded = findEmbeddedIpv4(bare);
    if (embedded !== null && this.#list.check(embedded, "ipv4")) return true;
    return this.#list.check(bare, "ipv6");
  }
}

/** IPv4 inside IPv6: mapped (::ffff:0:0/96), compatible (::/96) and NAT64 (64:ff9b::/96). */
function findEmbeddedIpv4(address: string): string | null {
  const groups = expand(address);
  if (groups === null) return null;
  const head = groups.slice(0, 6).join(":");
  if (head !== "0:0:0:0:0:ffff" && head !== "0:0:0:0:0:0" && head !== "64:ff9b:0:0:0:0")
    return null;
  const [high, low] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  if (high === undefined || low === undefined) return null;
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address without leading zeros; the URL parser does the normalising. */
function expand(address: string): readonly string[] | null {
  const url = `http://[${address}]/`;
  if (!URL.canParse(url)) return null;
  const host = new URL(url).hostname.slice(1, -1);
  const [left = "", right] = host.split("::", 2);
  const head = left === "" ? [] : left.split(":");
  if (right === undefined) return head;
  const tail = right === "" ? [] : right.split(":");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail];
}
