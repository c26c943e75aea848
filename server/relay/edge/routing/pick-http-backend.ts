import type { HttpBackend, HttpRule } from "#protocol/control/http-routing.ts";

export type PickedBackend =
  | { readonly backend: HttpBackend }
  | {
      /** `route_invalid` the rule cannot be carried out for this request (500) · `no_backend` nothing is ready (503). */
      readonly failure: "route_invalid" | "no_backend";
    };

/**
 * Chooses a backend by weight. One that is not ready leaves its share to the others; one whose reference is wrong keeps
 * it, and such requests fail, as the Gateway API wants. A second attempt goes to what is ready and was not tried.
 *
 * @param random from 0 to below 1.
 */
export function pickHttpBackend(
  rule: HttpRule,
  random: () => number,
  tried: ReadonlySet<HttpBackend>,
): PickedBackend {
  const weighted = rule.backends.filter(({ weight }) => weight > 0);
  // Also when every weight is 0: no traffic may go to any of them, and none was meant to be missing.
  if (weighted.length === 0) return { failure: "route_invalid" };
  const isFirst = tried.size === 0;
  const takers = weighted.filter((backend) =>
    backend.isInvalid ? isFirst : backend.ready && !tried.has(backend),
  );
  const total = takers.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const backend of takers) {
    left -= backend.weight;
    if (left < 0) return backend.isInvalid ? { failure: "route_invalid" } : { backend };
  }
  return { failure: "no_backend" };
}
