import type { RoutingMode } from "#protocol/api/routing.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { directEndpoint, relayEndpoint } from "./tunnel-endpoints.ts";
import { liveOn } from "./tunnel-ways.ts";

export interface ModeEffect {
  readonly mode: RoutingMode;
  /** What choosing it does, in one or two sentences. */
  readonly words: string;
}

const MODES_IN_ORDER: readonly RoutingMode[] = ["tunnel", "direct", "dual"];

/** What each mode that is not wanted now would do, with the numbers of this moment. */
export function modeEffects(tunnel: TunnelDto, openCount: number): ModeEffect[] {
  return MODES_IN_ORDER.filter((mode) => mode !== tunnel.routingMode.desired).map((mode) => ({
    mode,
    words: effectOf(mode, tunnel, openCount),
  }));
}

function effectOf(mode: RoutingMode, tunnel: TunnelDto, openCount: number): string {
  if (tunnel.routingMode.forced) return "holds as soon as nothing is forced any more.";
  const relay = relayEndpoint(tunnel)?.address ?? "the relay's port";
  if (mode === "tunnel") return `new clients use ${relay} only. No connection is touched.`;
  const direct = directEndpoint(tunnel)?.address ?? null;
  if (direct === null) {
    return "the Gateway has no address that clients could reach: the tunnel goes on carrying the traffic.";
  }
  const check =
    tunnel.direct?.state === "verified"
      ? ""
      : " Until that address answers steadily, the tunnel carries the traffic.";
  return mode === "dual"
    ? `new clients use ${relay} or ${direct}. No connection is touched.${check}`
    : `new clients use ${direct}. ${liveOn(openCount, tunnel.policy.directDrainMs)}${check}`;
}
