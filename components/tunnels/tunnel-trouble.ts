import { formatRelative } from "#components/lib/format.ts";
import { CLOSE_REASONS, type CloseReason } from "#protocol/api/connections.ts";
import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";

/** What only the service, or the way from the agent to it, can be to blame for; and in two words what that makes of it. */
const SERVICE_FAULTS: Partial<Record<CloseReason | EdgeErrorCode, string>> = {
  dial_refused: "not answering",
  dial_timeout: "not answering",
  dial_not_found: "not found",
  dial_forbidden: "not allowed",
  dial_failed: "not reachable",
  backend_refused: "not answering",
  backend_failed: "not answering",
  backend_timeout: "not answering",
};

type TunnelState = Pick<
  TunnelDto,
  "lastError" | "phase" | "enabled" | "routingMode" | "protocol" | "backends"
>;

/** In plain words; a reason this page does not know yet stands as it is. */
export function errorLabel(reason: string, protocol: TunnelDto["protocol"]): string {
  // Some reasons have the same name for connections and for requests.
  const specs: Record<string, { readonly label: string } | undefined> =
    protocol === "http"
      ? { ...CLOSE_REASONS, ...EDGE_ERRORS }
      : { ...EDGE_ERRORS, ...CLOSE_REASONS };
  return specs[reason]?.label ?? reason;
}

/** Why the server calls a tunnel degraded; null while it does not. */
export function degradedReason({
  phase,
  phaseReason,
}: Pick<TunnelDto, "phase" | "phaseReason">): string | null {
  return phase === "degraded" ? phaseReason : null;
}

interface ServiceTrouble {
  /** In plain words. */
  readonly label: string;
  /** What it makes of the backend, `not answering`; null of several, since nobody knows which one it was. */
  readonly ofBackend: string | null;
}

/**
 * What keeps an active tunnel from its service now: how the newest connection or request ended that asked for it. Null
 * while the service answers others, and where the phase says already what is wrong.
 */
export function serviceTrouble({
  lastError,
  phase,
  enabled,
  routingMode,
  protocol,
  backends,
}: TunnelState): ServiceTrouble | null {
  if (lastError === null || lastError.isOver || phase !== "active" || !enabled) return null;
  // New clients do not come this way.
  if (routingMode.effective === "direct") return null;
  const faults: Readonly<Record<string, string | undefined>> = SERVICE_FAULTS;
  const fault = faults[lastError.reason];
  if (fault === undefined) return null;
  const label = errorLabel(lastError.reason, protocol);
  return { label, ofBackend: backends.length === 1 ? fault : null };
}

/** The same as a sentence, with the time. */
export function serviceTroubleSentence(tunnel: TunnelState, now: number): string | null {
  const trouble = serviceTrouble(tunnel);
  if (trouble === null || tunnel.lastError === null) return null;
  return `${trouble.label} when it was last tried, ${formatRelative(tunnel.lastError.at, now)}.`;
}
