import { Split, Zap, type LucideIcon } from "lucide-react";
import { TunnelIcon } from "#components/ui/icons.tsx";
import type { DotTone, Tone } from "#components/ui/tone.ts";
import type { RoutingMode } from "#protocol/api/routing.ts";
import type { TunnelDto, TunnelProtocol } from "#protocol/api/tunnels.ts";

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
  active: { word: "Active", tone: "success", order: 5 },
  /** No agent is there, and nothing else carries its clients. */
  unreachable: { word: "Unreachable", tone: "danger", order: 0 },
  degraded: { word: "Degraded", tone: "warning", order: 1 },
  /** No agent is there, and clients reach the service by its own address all the same. */
  served_directly: { word: "Served directly", tone: "warning", order: 2 },
  pending: { word: "Pending", tone: "off", order: 3 },
  closing: { word: "Closing", tone: "off", order: 4 },
  off: { word: "Off", tone: "off", order: 6 },
} as const satisfies Record<string, { word: string; tone: DotTone; order: number }>;

export type TunnelStatus = keyof typeof STATUSES;

/** Its phase, unless an operator switched it off or every agent is away. */
export function tunnelStatus(
  tunnel: Pick<TunnelDto, "enabled" | "phase" | "agents" | "routingMode">,
): TunnelStatus {
  const { enabled, phase, agents, routingMode } = tunnel;
  if (!enabled && phase !== "closing") return "off";
  if (phase !== "degraded" || agents.length > 0) return phase;
  // Direct and dual are in force only while the direct address answers.
  return routingMode.effective === "tunnel" ? "unreachable" : "served_directly";
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
