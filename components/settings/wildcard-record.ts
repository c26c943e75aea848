/** For hosts that only this machine knows: what an address looks like. RFC 5737. */
const EXAMPLE_ADDRESS = "203.0.113.10";

/**
 * The DNS record by which every name below a domain leads to the relay, as zone files have it.
 *
 * @param relayHost  a name or an address, as clients know it
 */
export function wildcardRecord(domain: string, relayHost: string): string {
  const host = relayHost.replace(/^\[|\]$/g, "");
  const name = `*.${domain}.`;
  if (host.includes(":")) return `${name} IN AAAA ${isLoopback(host) ? "2001:db8::10" : host}`;
  if (/^[\d.]+$/.test(host) || isLoopback(host)) {
    return `${name} IN A ${isLoopback(host) ? EXAMPLE_ADDRESS : host}`;
  }
  return `${name} IN CNAME ${host}.`;
}

function isLoopback(host: string): boolean {
  return (
    host === "::1" || host === "localhost" || host.endsWith(".localhost") || host.startsWith("127.")
  );
}
