import type { DirectTarget } from "#protocol/relay/desired-state.ts";
import type { DirectState } from "#protocol/relay/events.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import { isPublicAddress } from "./public-address.ts";

/** Candidates that relays are asked to watch for one tunnel. Fixed by the relay channel. */
const TARGETS_MAX = 16;

/** What the relays together see of a tunnel's direct address. */
export interface DirectReach extends Omit<DirectState, "tunnelId" | "address"> {
  readonly address: string;
}

/** Where clients could go without us: the Gateway's addresses that are reachable from outside, with the listener's port. */
export function directTargets(
  addresses: readonly string[],
  port: number,
  directCidrs: readonly string[],
): readonly DirectTarget[] {
  return addresses
    .filter((address) => isPublicAddress(address, directCidrs))
    .slice(0, TARGETS_MAX)
    .map((host) => ({ host, port }));
}

/** True for an address that one of these targets stands for. */
export function isTargeted(targets: readonly DirectTarget[], address: string): boolean {
  return targets.some(({ host, port }) => toEndpoint(host, port) === address);
}

/**
 * One verdict of several relays: an address is verified when each of them reaches it, because a client may be anywhere.
 *
 * @param states of every relay that serves; null of one that has not looked yet.
 * @returns null while none has looked.
 */
export function combineReach(states: readonly (DirectState | null)[]): DirectReach | null {
  const seen = states.filter((state) => state !== null).flatMap(withAddress);
  const [first] = seen;
  if (first === undefined) return null;
  const worst =
    seen.find(({ state }) => state === "not_answering") ??
    seen.find(({ state }) => state === "unverified");
  if (worst !== undefined) return worst;
  if (seen.length < states.length) {
    return { ...first, state: "unverified", reason: "Not every relay has tried it yet." };
  }
  return { ...first, since: Math.max(...seen.map(({ since }) => since)) };
}

function withAddress({ tunnelId: _tunnelId, address, ...state }: DirectState): DirectReach[] {
  return address === null ? [] : [{ ...state, address }];
}
