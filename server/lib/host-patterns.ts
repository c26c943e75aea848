import { isIPv4 } from "node:net";

/** Labels as DNS has them, with `_`, which names in use do have. */
const PATTERN = /^(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/** True for a host name that requests can bear, perhaps with `*.` in front, in lower case; false for addresses. */
export function isHostPattern(text: string): boolean {
  return text.length <= 253 && PATTERN.test(text) && !isIPv4(text);
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
