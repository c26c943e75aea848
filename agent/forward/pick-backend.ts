import type { BackendKey } from "#protocol/control/http-routing.ts";
import type { UpstreamAddress, UpstreamBackend } from "../discovery/discovery.ts";

/** How many addresses of one backend are tried for one connection. */
const ADDRESSES_TRIED_MAX = 3;

/** A backend, and the addresses to try, in order; none while it is not ready. */
export interface PickedBackend {
  readonly backend: UpstreamBackend;
  readonly addresses: readonly UpstreamAddress[];
}

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
): PickedBackend | null {
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
  return backend === undefined ? null : { backend, addresses: orderAddresses(backend, random) };
}

/**
 * The backend that the server names, whatever its weight, and the order in which its addresses are tried.
 *
 * @param random 0 ≤ x < 1.
 * @returns null when it is none of these, or when the reference to it is wrong.
 */
export function pickNamed(
  backends: readonly UpstreamBackend[],
  key: BackendKey,
  random: () => number,
): PickedBackend | null {
  const backend = backends.find(
    ({ namespace, name, port, isInvalid }) =>
      namespace === key.namespace && name === key.name && port === key.port && isInvalid !== true,
  );
  return backend === undefined ? null : { backend, addresses: orderAddresses(backend, random) };
}

/** Beginning anywhere, so that they share the load. */
function orderAddresses(
  { addresses }: UpstreamBackend,
  random: () => number,
): readonly UpstreamAddress[] {
  const start = Math.floor(random() * addresses.length);
  const order = [...addresses.slice(start), ...addresses.slice(0, start)];
  return order.slice(0, ADDRESSES_TRIED_MAX);
}
