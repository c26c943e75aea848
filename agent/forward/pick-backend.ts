import type { UpstreamAddress, UpstreamBackend } from "../discovery/discovery.ts";

/** How many addresses of one backend are tried for one connection. */
const ADDRESSES_TRIED_MAX = 3;

/**
 * Picks a backend by weight, and the order in which its addresses are tried.
 *
 * One that is not ready now leaves its share to the others. One whose reference is wrong keeps it: those connections
 * are refused, as the Gateway API wants.
 *
 * @param random 0 ≤ x < 1.
 * @returns null when none is ready or all weights are 0.
 */
export function pickBackend(
  backends: readonly UpstreamBackend[],
  random: () => number,
): { readonly backend: UpstreamBackend; readonly addresses: readonly UpstreamAddress[] } | null {
  const usable = backends.filter(
    ({ ready, isInvalid, weight }) => (ready || isInvalid === true) && weight > 0,
  );
  const total = usable.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return null;
  let at = random() * total;
  let backend = usable.at(-1);
  for (const candidate of usable) {
    at -= candidate.weight;
    if (at < 0) {
      backend = candidate;
      break;
    }
  }
  if (backend === undefined) return null;
  const { addresses } = backend;
  const start = Math.floor(random() * addresses.length);
  const order = [...addresses.slice(start), ...addresses.slice(0, start)];
  return { backend, addresses: order.slice(0, ADDRESSES_TRIED_MAX) };
}
