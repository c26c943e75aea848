import { formatDuration, formatList, plural } from "#components/lib/format.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import type { PatchTunnelBody, TunnelDto, TunnelProtocol } from "#protocol/api/tunnels.ts";
import { countOf, TRAFFIC } from "./traffic-words.ts";
import { tunnelName } from "./tunnel-name.ts";
import { MODES } from "./tunnel-words.ts";

interface Sentence {
  readonly title: string;
  readonly detail?: string;
}

/** `orders-postgres`, or `3 tunnels`. */
export function subjectOf(tunnels: readonly TunnelDto[]): string {
  const [first] = tunnels;
  return first !== undefined && tunnels.length === 1
    ? tunnelName(first)
    : plural(tunnels.length, "tunnel");
}

const UNTOUCHED = "What is open is not touched.";

/** Only a switch to direct may end connections, and only where the policy says so. */
function afterMode(tunnels: readonly TunnelDto[], mode: RoutingMode | null): string {
  const drains = tunnels.map(({ policy }) => policy.directDrainMs).filter((ms) => ms !== null);
  if (mode !== "direct" || drains.length === 0) return UNTOUCHED;
  return `What is open is closed after ${formatDuration(Math.min(...drains))}${drains.length < tunnels.length ? " at the earliest" : ""}.`;
}

/** What was done, for the toast. */
export function changeSentence(tunnels: readonly TunnelDto[], body: PatchTunnelBody): Sentence {
  const subject = subjectOf(tunnels);
  const isMany = tunnels.length !== 1;
  if (body.enabled !== undefined) {
    const state = body.enabled ? "on" : "off";
    return { title: `${subject} ${isMany ? "are" : "is"} switched ${state}` };
  }
  if (body.forceTunnel !== undefined) {
    const title = body.forceTunnel
      ? `${subject} ${isMany ? "are" : "is"} forced through the tunnel`
      : `${subject} ${isMany ? "are" : "is"} not forced any more`;
    return { title, detail: UNTOUCHED };
  }
  if (body.routingMode !== undefined) {
    const title =
      body.routingMode === null
        ? `${subject} ${isMany ? "follow" : "follows"} the rules`
        : `${MODES[body.routingMode].label} is chosen for ${subject}`;
    return { title, detail: afterMode(tunnels, body.routingMode) };
  }
  const [many, ...others] = new Set(tunnels.map(({ protocol }) => TRAFFIC[protocol].many));
  const held = others.length > 0 ? "what is opened from now on" : `new ${many}`;
  return { title: `The policy of ${subject} is changed`, detail: `It holds for ${held}.` };
}

/** What brings a tunnel back to where it stood before the change. */
export function inverseOf(before: TunnelDto, body: PatchTunnelBody): PatchTunnelBody {
  return {
    ...(body.enabled !== undefined && { enabled: before.enabled }),
    ...(body.forceTunnel !== undefined && { forceTunnel: before.forceTunnel }),
    ...(body.routingMode !== undefined && { routingMode: before.chosenMode }),
    ...(body.policy !== undefined && { policy: before.policy }),
  };
}

/** Those for which the change would change anything. */
export function affectedBy(tunnels: readonly TunnelDto[], body: PatchTunnelBody): TunnelDto[] {
  return tunnels.filter(
    (tunnel) =>
      (body.enabled !== undefined && tunnel.enabled !== body.enabled) ||
      (body.forceTunnel !== undefined && tunnel.forceTunnel !== body.forceTunnel) ||
      (body.routingMode !== undefined && tunnel.chosenMode !== body.routingMode) ||
      body.policy !== undefined,
  );
}

/** What switching them off would cut: `3 connections and 2 requests`, and how many that is. */
export function openOn(tunnels: readonly TunnelDto[]): { count: number; words: string } {
  const sums = new Map<string, { readonly protocol: TunnelProtocol; count: number }>();
  for (const { protocol, connections } of tunnels) {
    const { one } = TRAFFIC[protocol];
    const sum = sums.get(one) ?? { protocol, count: 0 };
    sums.set(one, { ...sum, count: sum.count + connections.open });
  }
  const open = [...sums.values()].filter(({ count }) => count > 0);
  return {
    count: open.reduce((total, { count }) => total + count, 0),
    words: formatList(open.map(({ count, protocol }) => countOf(count, protocol))),
  };
}
