import { formatDuration, plural } from "#components/lib/format.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import type { PatchTunnelBody, TunnelDto } from "#protocol/api/tunnels.ts";
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
  return { title: `The policy of ${subject} is changed`, detail: "It holds for new connections." };
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

/** Connections that switching them off would cut. */
export function openConnectionsOf(tunnels: readonly TunnelDto[]): number {
  return tunnels.reduce((sum, { connections }) => sum + connections.open, 0);
}
