import { isIPv4 } from "node:net";

/** Of a DNS name as text (RFC 1035 section 2.3.4). */
const HOST_MAX = 253;
/** Labels of letters, digits, `-`, and `_`, which names in use do have. */
const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/** True for what can stand as a host name in lower case; for IPv4 addresses, too. */
export function isHostName(text: string): boolean {
  return text.length <= HOST_MAX && NAME.test(text);
}

/** True for a host name that requests can bear, perhaps with `*.` in front, in lower case; false for addresses. */
export function isHostPattern(text: string): boolean {
  const name = text.startsWith("*.") ? text.slice(2) : text;
  return text.length <= HOST_MAX && isHostName(name) && !isIPv4(text);
}

/**
 * Every pattern that covers a host name, the most specific first: the name itself, then wildcards from the longest to
 * the shortest. `*.example.com` covers `a.example.com` and `a.b.example.com`, never `example.com`.
 *
 * @param host lower case.
 */
export function* patternsCovering(host: string): Generator<string> {
  yield host;
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
    if (dot + 1 < host.length) yield `*${host.slice(dot)}`;
  }
}

/** @param pattern a host name, perhaps with `*.` in front; null covers every host. */
export function coversHost(pattern: string | null, host: string): boolean {
  if (pattern === null || pattern === host) return true;
  return (
    pattern.startsWith("*.") && host.length >= pattern.length && host.endsWith(pattern.slice(1))
  );
}

/** True for the domain itself and for every name below it. Both in lower case. */
export function isAtOrBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** Orders patterns by how particular they are: exact names, then longer wildcards, then null. */
export function comparePatterns(a: string | null, b: string | null): number {
  return specificity(b) - specificity(a);
}

function specificity(pattern: string | null): number {
  if (pattern === null) return 0;
  return pattern.startsWith("*.") ? pattern.length : 1_000 + pattern.length;
}
