import type { RoutingMode } from "#protocol/api/routing.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { directEndpoint, relayEndpoint } from "./tunnel-endpoints.ts";
import { liveOn } from "./tunnel-ways.ts";

export interface ModeEffect {
  /** Those that would do the same. */
  readonly modes: readonly [RoutingMode, ...RoutingMode[]];
  /** What choosing it does, in one or two sentences. */
  readonly words: string;
}

const MODES_IN_ORDER: readonly RoutingMode[] = ["tunnel", "direct", "dual"];

/** What each mode that is not wanted now would do, with the numbers of this moment. */
export function modeEffects(tunnel: TunnelDto, openCount: number): ModeEffect[] {
  const effects: ModeEffect[] = [];
  for (const mode of MODES_IN_ORDER) {
    if (mode === tunnel.routingMode.desired) continue;
    const words = effectOf(mode, tunnel, openCount);
    const last = effects.at(-1);
    if (last?.words === words)
      effects[effects.length - 1] = { words, modes: [...last.modes, mode] };
    else effects.push({ words, modes: [mode] });
  }
  return effects;
}

function effectOf(mode: RoutingMode, tunnel: TunnelDto, openCount: number): string {
  if (tunnel.routingMode.forced) return "kept, and in force as soon as nothing is forced any more.";
  const relay = relayEndpoint(tunnel)?.address ?? "the relay's port";
  if (mode === "tunnel") return `new clients use ${relay} only. What is open is not touched.`;
  const direct = directEndpoint(tunnel)?.address ?? null;
  if (direct === null) {
    return "the Gateway has no address that clients could reach, so the tunnel goes on carrying the traffic.";
  }
  const check =
    tunnel.direct?.state === "verified"
      ? ""
      : " Until that address answers steadily, the tunnel carries the traffic.";
  return mode === "dual"
    ? `new clients use ${relay} or ${direct}. What is open is not touched.${check}`
    : `new clients use ${direct}. ${liveOn(openCount, tunnel)}${check}`;
}
