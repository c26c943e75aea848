import { formatRelative } from "#components/lib/format.ts";
import { CLOSE_REASONS, type CloseReason } from "#protocol/api/connections.ts";
import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

/** What only the service, or the way from the agent to it, can be to blame for. */
const SERVICE_FAULTS: ReadonlySet<string> = new Set<CloseReason | EdgeErrorCode>([
  "dial_refused",
  "dial_timeout",
  "dial_not_found",
  "dial_forbidden",
  "dial_failed",
  "backend_refused",
  "backend_failed",
  "backend_timeout",
]);

type TunnelState = Pick<TunnelDto, "lastError" | "phase" | "enabled" | "routingMode">;

/** In plain words; a reason this page does not know yet stands as it is. */
export function errorLabel(reason: string): string {
  const specs: Record<string, { readonly label: string } | undefined> = {
    ...EDGE_ERRORS,
    ...CLOSE_REASONS,
  };
  return specs[reason]?.label ?? reason;
}

/** Why the server calls a tunnel degraded; null while it does not. */
export function degradedReason({
  phase,
  phaseReason,
}: Pick<TunnelDto, "phase" | "phaseReason">): string | null {
  return phase === "degraded" ? phaseReason : null;
}

/**
 * What keeps an active tunnel from its service now, in plain words: how the newest connection or request ended that asked
 * it. Null when the service has answered since, and where the phase says already what is wrong.
 */
export function serviceTrouble({
  lastError,
  phase,
  enabled,
  routingMode,
}: TunnelState): string | null {
  if (lastError === null || lastError.isOver || phase !== "active" || !enabled) return null;
  // New clients do not come this way.
  if (routingMode.effective === "direct") return null;
  return SERVICE_FAULTS.has(lastError.reason) ? errorLabel(lastError.reason) : null;
}

/** The same as a sentence, with the time. */
export function serviceTroubleSentence(tunnel: TunnelState, now: number): string | null {
  const trouble = serviceTrouble(tunnel);
  if (trouble === null || tunnel.lastError === null) return null;
  return `${trouble} when it was last asked, ${formatRelative(tunnel.lastError.at, now)}.`;
}
