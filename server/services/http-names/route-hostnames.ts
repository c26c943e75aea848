import type { HttpRouting } from "#protocol/control/http-routing.ts";
import { isHostPattern } from "#server/lib/host-patterns.ts";

/** Names of one tunnel that are kept; a cluster that asks for more gets the first of them. */
const HOSTNAMES_MAX = 1_024;

/**
 * The host names that a listener's routes ask for, each once, in lower case, perhaps with `*.` in front. A rule without
 * any asks for the listener's own; where that is any host, too, the rule asks for none. What is no host name is left out:
 * it is shown to operators and stands in lines that they copy.
 */
export function routeHostnames(
  listener: { readonly hostname: string | null },
  { rules }: Pick<HttpRouting, "rules">,
): readonly string[] {
  const names = new Set<string>();
  for (const { hostnames } of rules) {
    const asked = hostnames.length > 0 ? hostnames : [listener.hostname];
    for (const name of asked) {
      if (names.size >= HOSTNAMES_MAX) return [...names];
      const lower = name?.toLowerCase() ?? "";
      if (isHostPattern(lower)) names.add(lower);
    }
  }
  return [...names];
}
