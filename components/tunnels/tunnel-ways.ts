import { formatDuration, formatLatency, formatMoment, plural } from "#components/lib/format.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { TRAFFIC } from "./traffic-words.ts";
import { directEndpoint, relayEndpoint } from "./tunnel-endpoints.ts";
import type { HopState } from "./path-facts.ts";

/** How clients can reach the service: through the relay, or at the Gateway's own address. */
export interface Way {
  readonly isInForce: boolean;
  /** What it carries, or why it does not; null where there is nothing to say. */
  readonly note: string | null;
}

export interface DirectWay extends Way {
  /** Null: the mode asks for an address, and none is known. */
  readonly address: string | null;
  /** Where the address belongs. */
  readonly gateway: string;
  readonly state: HopState;
  /** On the wire: how long it takes to connect; null while it does not answer. */
  readonly wire: string | null;
}

export interface Ways {
  readonly relay: Way;
  /** Null: no direct address is wanted or known, and there is one way only. */
  readonly direct: DirectWay | null;
}

type RoutedTunnel = Pick<
  TunnelDto,
  "protocol" | "enabled" | "routingMode" | "direct" | "endpoints" | "gateway" | "policy" | "agents"
>;

interface WaysInput {
  readonly tunnel: RoutedTunnel;
  /** Open on the relay now. */
  readonly openCount: number;
  readonly now: number;
}

/** Both ways to the service, each with whether it is in force and why. */
export function drawWays({ tunnel, openCount, now }: WaysInput): Ways {
  const { enabled, routingMode } = tunnel;
  const hasDirect = routingMode.desired !== "tunnel" || directEndpoint(tunnel) !== null;
  return {
    relay: {
      isInForce: enabled && routingMode.effective !== "direct",
      note: relayNote(tunnel, openCount),
    },
    direct: hasDirect ? drawDirect(tunnel, now) : null,
  };
}

function relayNote(tunnel: RoutedTunnel, openCount: number): string | null {
  const { desired, effective } = tunnel.routingMode;
  if (!tunnel.enabled) return "Switched off: new clients are refused.";
  if (effective === "direct") {
    return `${liveOn(openCount, tunnel)} New clients are refused here.`;
  }
  if (effective === "dual") {
    // With every agent away the drawing itself says so.
    if (tunnel.agents.length === 0) return null;
    const address = tunnel.direct?.address ?? "the direct address";
    return `When no agent can carry a new connection, the relay connects it to ${address} itself.`;
  }
  if (desired === "tunnel") return null;
  return directEndpoint(tunnel) === null
    ? "Carries the traffic while no direct address is known."
    : "Carries the traffic until the direct address answers steadily.";
}

/** What becomes of what is open on the relay once the mode is direct. */
export function liveOn(
  openCount: number,
  { protocol, policy }: Pick<TunnelDto, "protocol" | "policy">,
): string {
  const { one, many } = TRAFFIC[protocol];
  if (openCount === 0) return `No ${one} is open.`;
  const open = plural(openCount, `established ${one}`, `established ${many}`);
  const isOne = openCount === 1;
  const drainMs = policy.directDrainMs;
  return drainMs === null
    ? `${open} ${isOne ? "lives" : "live"} on.`
    : `${open} ${isOne ? "is" : "are"} closed after ${formatDuration(drainMs)}.`;
}

function drawDirect(tunnel: RoutedTunnel, now: number): DirectWay {
  const { routingMode, direct, enabled, gateway } = tunnel;
  const isVerified = direct?.state === "verified";
  const isInForce = enabled && routingMode.effective !== "tunnel";
  return {
    isInForce,
    note: directNote(tunnel, now),
    address: directEndpoint(tunnel)?.address ?? null,
    gateway: `Gateway ${gateway.namespace}/${gateway.name}`,
    state: direct === null ? "unknown" : DIRECT_HOPS[direct.state],
    wire: isVerified && direct.rttMs !== null ? formatLatency(direct.rttMs) : null,
  };
}

const DIRECT_HOPS = {
  verified: "ok",
  unverified: "warning",
  not_answering: "broken",
} as const satisfies Record<NonNullable<TunnelDto["direct"]>["state"], HopState>;

/** What the relays see of the direct address that is wanted, in one sentence. */
export function directWords(tunnel: Pick<TunnelDto, "direct" | "endpoints">, now: number): string {
  const { direct } = tunnel;
  if (direct === null) {
    return directEndpoint(tunnel) === null
      ? "The Gateway has no address that clients could reach."
      : "Not checked yet.";
  }
  const since = formatMoment(direct.since, now);
  if (direct.state === "verified") {
    const time = direct.rttMs === null ? "" : `, connects in ${formatLatency(direct.rttMs)}`;
    return `Answers since ${since}${time}.`;
  }
  const why = direct.reason === null ? "." : `: ${asClause(direct.reason)}.`;
  return direct.state === "unverified"
    ? `Not verified yet${why}`
    : `Has not answered since ${since}${why}`;
}

/** A sentence of its own, put after a colon. */
function asClause(reason: string): string {
  const bare = reason.replace(/\.$/, "");
  // An acronym keeps its capitals.
  return /^[A-Z][a-z]/.test(bare) ? bare.charAt(0).toLowerCase() + bare.slice(1) : bare;
}

function directNote(tunnel: RoutedTunnel, now: number): string {
  const { enabled, routingMode, direct } = tunnel;
  if (!enabled) return "Clients there do not pass Culvert: switching off does not stop them.";
  if (direct === null && routingMode.desired === "tunnel") {
    return routingMode.forced
      ? "Not used and not checked while forced through the tunnel."
      : "Not used and not checked in this mode.";
  }
  return directWords(tunnel, now);
}

/** Both ways in one sentence, for those who cannot see the drawing. */
export function waysSummary(ways: Ways, tunnel: Pick<TunnelDto, "endpoints">): string {
  const { relay, direct } = ways;
  const relayName = relayEndpoint(tunnel)?.address ?? "no endpoint";
  const inForce = [
    relay.isInForce ? `through the relay at ${relayName}` : null,
    direct?.isInForce === true ? `directly at ${direct.address ?? "no address"}` : null,
  ].filter((way) => way !== null);
  return inForce.length === 0
    ? "New clients are refused."
    : `New clients reach the service ${inForce.join(", and ")}.`;
}
