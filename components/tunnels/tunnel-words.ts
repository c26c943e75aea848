import { Split, Zap, type LucideIcon } from "lucide-react";
import { TunnelIcon } from "#components/ui/icons.tsx";
import type { DotTone, Tone } from "#components/ui/tone.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import type { EndpointDto, TunnelDto, TunnelProtocol } from "#protocol/api/tunnels.ts";

interface ModeLook {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly tone: Tone;
}

/** Modes have fixed colours and icons, everywhere. */
export const MODES: Record<RoutingMode, ModeLook> = {
  tunnel: { label: "Tunnel", icon: TunnelIcon, tone: "accent" },
  direct: { label: "Direct", icon: Zap, tone: "success" },
  dual: { label: "Dual", icon: Split, tone: "neutral" },
};

export const PROTOCOLS: Record<TunnelProtocol, string> = {
  tcp: "TCP",
  udp: "UDP",
  http: "HTTP",
  tls: "TLS",
};

export const STATUSES = {
  active: { word: "Active", tone: "success", order: 3 },
  degraded: { word: "Degraded", tone: "warning", order: 0 },
  pending: { word: "Pending", tone: "off", order: 1 },
  closing: { word: "Closing", tone: "off", order: 2 },
  off: { word: "Off", tone: "off", order: 4 },
} as const satisfies Record<string, { word: string; tone: DotTone; order: number }>;

export type TunnelStatus = keyof typeof STATUSES;

/** Its phase, unless an operator switched it off. */
export function tunnelStatus(tunnel: Pick<TunnelDto, "enabled" | "phase">): TunnelStatus {
  return tunnel.enabled || tunnel.phase === "closing" ? tunnel.phase : "off";
}

/** What clients connect to, the relay's first; null while nothing is published. */
export function mainEndpoint(tunnel: Pick<TunnelDto, "endpoints">): EndpointDto | null {
  const { endpoints } = tunnel;
  return endpoints.find(({ kind }) => kind !== "direct") ?? endpoints[0] ?? null;
}

export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/** Takes `host:port` apart; the host of `[::1]:80` comes without brackets. */
export function splitAddress(address: string): HostPort {
  const colon = address.lastIndexOf(":");
  if (colon < 0) return { host: address, port: "" };
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: address.slice(colon + 1) };
}
