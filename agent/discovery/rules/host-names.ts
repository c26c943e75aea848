/**
 * The host names that lead to a route through a listener: those of the route within the one of the listener.
 *
 * @param listenerHost empty or null means any host.
 * @param routeHosts empty means any host.
 * @returns lower case; empty means any host; null when the two share none.
 */
export function intersectHostnames(
  listenerHost: string | null,
  routeHosts: readonly string[],
): readonly string[] | null {
  const own = listenerHost === null || listenerHost === "" ? null : listenerHost.toLowerCase();
  const wanted = routeHosts.map((host) => host.toLowerCase());
  if (own === null) return wanted;
  if (wanted.length === 0) return [own];
  const shared = wanted.flatMap((host) => {
    const both = narrower(own, host);
    return both === null ? [] : [both];
  });
  return shared.length === 0 ? null : [...new Set(shared)];
}

/** Whether some host belongs to both lists; an empty one holds every host. Both are lower case. */
export function haveCommonHost(left: readonly string[], right: readonly string[]): boolean {
  if (left.length === 0 || right.length === 0) return true;
  return left.some((a) => right.some((b) => narrower(a, b) !== null));
}

/** @returns the more exact of two names when one covers the other, else null. */
function narrower(left: string, right: string): string | null {
  if (covers(left, right)) return right;
  return covers(right, left) ? left : null;
}

/** `*.example.com` covers any name below example.com at any depth, wildcards included, and never example.com itself. */
function covers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)));
}
