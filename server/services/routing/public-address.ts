import { isIP } from "node:net";
import { AddressRanges, isOutsideAddress } from "#server/lib/ip-address.ts";

/** The operator's ranges do not change while we run: parsed once. */
const parsedRanges = new WeakMap<readonly string[], AddressRanges>();

/** Top-level names that are nobody's on the internet, or ours to resolve differently. Source: RFC 6761, RFC 6762, RFC 8375. */
const LOCAL_NAMES: ReadonlySet<string> = new Set([
  "local",
  "localhost",
  "localdomain",
  "internal",
  "intranet",
  "lan",
  "home",
  "corp",
  "svc",
  "arpa",
  "test",
  "invalid",
  "onion",
]);

/**
 * True when clients outside could reach a host: an address that is globally routable or in one of the operator's own
 * ranges, or a name that could stand in the public DNS. What a name resolves to is judged when it is dialled.
 */
export function isPublicAddress(host: string, directCidrs: readonly string[]): boolean {
  return isIP(host) === 0 ? isPublicName(host) : isOutsideAddress(host, rangesOf(directCidrs));
}

function isPublicName(host: string): boolean {
  const labels = host.replace(/\.$/, "").toLowerCase().split(".");
  const top = labels.at(-1) ?? "";
  return (
    labels.length > 1 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?$/.test(label)) &&
    // Four numbers that are no address are no name either.
    !/^\d+$/.test(top) &&
    !LOCAL_NAMES.has(top)
  );
}

function rangesOf(cidrs: readonly string[]): AddressRanges {
  let ranges = parsedRanges.get(cidrs);
  if (ranges === undefined) {
    ranges = new AddressRanges(cidrs);
    parsedRanges.set(cidrs, ranges);
  }
  return ranges;
}
