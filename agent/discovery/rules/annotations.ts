import { RoutingMode } from "#protocol/api/routing.ts";
import type { GatewayObject } from "./objects.ts";

const PREFIXES = ["culvert.dev", "pipeops.io"] as const;
const IDLE_MIN_MS = 10_000;
const IDLE_MAX_MS = 604_800_000;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `90s`, `1h30m` or `2h`; a bare number is seconds. @returns null for anything else. */
export function parseDurationMs(text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d{1,9}(\.\d{1,3})?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return Math.round(total);
}

export interface GatewayAnnotations {
  readonly routingMode: RoutingMode | null;
  readonly idleTimeoutMs: number | null;
  /** One plain sentence for each annotation that was ignored. */
  readonly problems: readonly string[];
}

/** What the annotations of a Gateway ask for. One that makes no sense is ignored and reported. */
export function readAnnotations(gateway: GatewayObject): GatewayAnnotations {
  const problems: string[] = [];
  let routingMode: RoutingMode | null = null;
  const mode = find(gateway, "routing-mode");
  if (mode !== null) {
    const parsed = RoutingMode.safeParse(mode.value);
    if (parsed.success) routingMode = parsed.data;
    else problems.push(`The annotation ${mode.key} must be direct, tunnel or dual.`);
  }
  let idleTimeoutMs: number | null = null;
  const idle = find(gateway, "idle-timeout");
  if (idle !== null) {
    const parsed = parseDurationMs(idle.value);
    if (parsed !== null && parsed >= IDLE_MIN_MS && parsed <= IDLE_MAX_MS) idleTimeoutMs = parsed;
    else problems.push(`The annotation ${idle.key} must be a duration from 10s to 7d, like 2h.`);
  }
  return { routingMode, idleTimeoutMs, problems };
}

function find(gateway: GatewayObject, name: string): { key: string; value: string } | null {
  for (const prefix of PREFIXES) {
    const key = `${prefix}/${name}`;
    const value = gateway.metadata.annotations[key];
    if (value !== undefined) return { key, value };
  }
  return null;
}
