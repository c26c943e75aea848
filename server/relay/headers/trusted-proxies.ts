import { BlockList, isIP } from "node:net";

/** Whether a peer's `X-Forwarded-*` headers are believed. */
export type IsTrustedProxy = (address: string) => boolean;

/** @param cidrs addresses with or without a prefix length, already validated. */
export function createTrustedProxies(cidrs: readonly string[]): IsTrustedProxy {
  if (cidrs.length === 0) return () => false;
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = toPlainAddress(address);
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
  };
}

/** Writes an IPv4 address that came through an IPv6 socket as what it is. */
export function toPlainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
